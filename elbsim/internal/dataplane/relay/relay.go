// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package relay passes bytes between two connections until both directions have ended. It never looks at them.
package relay

import (
	"io"
	"sync"
)

// Side is one end of a relay.
type Side interface {
	io.ReadWriter
	// CloseWrite tells the other end that nothing more comes.
	CloseWrite() error
}

// Buffer sizes: what waits for the next message of an upgraded connection should be small, because there are many
// of them; what moves bulk data should be large.
const (
	Small = 4 << 10
	Large = 64 << 10
)

// Pass passes bytes both ways. The end of one direction is passed on as such, and the other goes on. The
// first error ends both: broken is called once with it, and must close both sides.
func Pass(a, b Side, size int, broken func(error)) {
	var once sync.Once
	fail := func(err error) { once.Do(func() { broken(err) }) }
	var wg sync.WaitGroup
	wg.Go(func() { oneWay(a, b, size, fail) })
	oneWay(b, a, size, fail)
	wg.Wait()
}

func oneWay(dst, src Side, size int, fail func(error)) {
	buf := make([]byte, size)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			if _, err := dst.Write(buf[:n]); err != nil {
				fail(err)
				return
			}
		}
		if err == io.EOF {
			if err := dst.CloseWrite(); err != nil {
				fail(err)
			}
			return
		}
		if err != nil {
			fail(err)
			return
		}
	}
}
