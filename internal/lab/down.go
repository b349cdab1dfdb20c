// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package lab

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/istio-aws/istio-aws/internal/cluster"
	"github.com/istio-aws/istio-aws/internal/docker"
	"github.com/istio-aws/istio-aws/internal/filelock"
	"github.com/istio-aws/istio-aws/internal/host"
	"github.com/istio-aws/istio-aws/internal/progress"
)

// Down removes the lab: containers, network, firewall rules, files; and the Docker daemon if the lab
// started it and nothing else runs in it. What was built stays in the cache. Removing nothing is no
// error.
func Down(ctx context.Context, options Options) error {
	w, err := open(options)
	if err != nil {
		return err
	}
	unlock, err := w.alone(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	_, statErr := os.Stat(w.dir())
	known := statErr == nil
	if docker.Reachable(ctx) != nil {
		if !known {
			w.log.Say("nothing to remove: there is no lab %s and Docker does not run", options.Name)
			return nil
		}
		// The lab's containers are stopped, not gone: only Docker can remove them.
		h, err := host.Inspect()
		if err != nil {
			return err
		}
		runtimes, err := filepath.Glob(filepath.Join(w.store.Root(), "tools", "*", "runc-reduced"))
		if err != nil {
			return err
		}
		runtime := ""
		if h.MissingSysResource && len(runtimes) > 0 {
			runtime = runtimes[0]
		}
		if err := w.daemon(runtime).Ensure(ctx, w.log); err != nil {
			return err
		}
	}
	exists, err := cluster.Exists(ctx, options.Name)
	if err != nil {
		return err
	}
	if exists || known {
		err = w.log.Step("remove lab "+options.Name, func(*progress.Step) error { return w.delete(ctx) })
	} else {
		w.log.Say("nothing to remove: there is no lab %s", options.Name)
	}
	return errors.Join(err, w.stopDocker(ctx))
}

// stopDocker stops a Docker that the lab started, unless another lab is just being made in it.
func (w *workshop) stopDocker(ctx context.Context) error {
	release, alone, err := filelock.TryExclusive(w.usesDocker())
	if err != nil || !alone {
		return err
	}
	defer release()
	return w.daemon("").StopIfIdle(ctx, w.log)
}

// delete removes the lab's containers and files.
func (w *workshop) delete(ctx context.Context) error {
	if err := cluster.Delete(ctx, w.options.Name); err != nil {
		return err
	}
	return w.removeDir()
}
