// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package host

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/internal/progress"
)

func TestParse(t *testing.T) {
	t.Run("a bounding set without bit 24 lacks CAP_SYS_RESOURCE", func(t *testing.T) {
		lacks, err := lacksSysResource("Name:\tsh\nCapBnd:\t000001fffeffffff\nCapAmb:\t0\n")
		require.NoError(t, err)
		assert.True(t, lacks)
		lacks, err = lacksSysResource("CapBnd:\t000001ffffffffff\n")
		require.NoError(t, err)
		assert.False(t, lacks)
		_, err = lacksSysResource("Name:\tsh\n")
		assert.ErrorContains(t, err, "CapBnd")
	})
	t.Run("available memory is in bytes", func(t *testing.T) {
		bytes, err := memoryAvailable("MemTotal:       24000000 kB\nMemAvailable:    6291456 kB\n")
		require.NoError(t, err)
		assert.EqualValues(t, 6*GiB, bytes)
		_, err = memoryAvailable("MemTotal: 1 kB\n")
		assert.ErrorContains(t, err, "MemAvailable")
	})
	t.Run("Debian, Ubuntu and their descendants have apt", func(t *testing.T) {
		assert.True(t, isDebian("ID=debian\n"))
		assert.True(t, isDebian("ID=ubuntu\nID_LIKE=debian\n"))
		assert.True(t, isDebian("ID=pop\nID_LIKE=\"ubuntu debian\"\n"))
		assert.False(t, isDebian("ID=fedora\nNAME=\"not debian\"\n"))
	})
	t.Run("this machine can be inspected", func(t *testing.T) {
		h, err := Inspect()
		require.NoError(t, err)
		assert.NotZero(t, h.MemoryAvailable)
		free, err := DiskFree(filepath.Join(t.TempDir(), "not", "there", "yet"))
		require.NoError(t, err)
		assert.NotZero(t, free)
	})
}

func TestCheck(t *testing.T) {
	need := Need{Memory: 6 * GiB, Disk: 10 * GiB, Path: "/cache"}
	for _, tt := range []struct {
		name         string
		memory, disk uint64
		want         []string
	}{
		{name: "enough of both is no error", memory: 6 * GiB, disk: 10 * GiB},
		{name: "too little memory is named with both figures and the cure", memory: 2 * GiB, disk: 10 * GiB,
			want: []string{"2.0 GiB of memory are available, the lab needs 6.0 GiB", "make down"}},
		{name: "too little disk is named with its place and the cure", memory: 6 * GiB, disk: GiB / 2,
			want: []string{"0.5 GiB are free at /cache, the lab needs 10.0 GiB", "ISTIO_AWS_CACHE"}},
		{name: "both are named at once", memory: 0, disk: 0, want: []string{"memory", "/cache"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := Host{MemoryAvailable: tt.memory}.Check(need, tt.disk)
			if len(tt.want) == 0 {
				require.NoError(t, err)
			}
			for _, text := range tt.want {
				assert.ErrorContains(t, err, text)
			}
		})
	}
}

func TestEnsure(t *testing.T) {
	absent := Tool{Program: "no-such-program", Packages: []string{"zeta", "alpha"}, For: "root filesystems"}
	for _, tt := range []struct {
		name  string
		host  Host
		tools []Tool
		want  string
	}{
		{name: "what is there is not installed", host: Host{}, tools: []Tool{{Program: "sh"}}},
		{name: "an ordinary user on Debian gets the command", host: Host{Debian: true}, tools: []Tool{absent},
			want: "missing: no-such-program (for root filesystems); install with: sudo apt-get install --no-install-recommends alpha zeta"},
		{name: "root elsewhere gets the names", host: Host{Root: true}, tools: []Tool{absent}, want: "Debian calls the packages alpha zeta"},
		{name: "a program that does not work is missing", host: Host{}, want: "missing: sh (for x)",
			tools: []Tool{{Program: "sh", Works: func() bool { return false }, For: "x"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			err := tt.host.Ensure(t.Context(), progress.New(&out), tt.tools...)
			assert.Empty(t, out.String(), "nothing is done")
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, tt.want)
		})
	}
}
