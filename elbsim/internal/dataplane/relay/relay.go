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
// first error ends both: broken is called once with it, and must close both sides. It returns how many bytes came
// from each side.
func Pass(a, b Side, size int, broken func(error)) (fromA, fromB int64) {
	var once sync.Once
	fail := func(err error) { once.Do(func() { broken(err) }) }
	var wg sync.WaitGroup
	wg.Go(func() { fromB = oneWay(a, b, size, fail) })
	fromA = oneWay(b, a, size, fail)
	wg.Wait()
	return fromA, fromB
}

func oneWay(dst, src Side, size int, fail func(error)) (passed int64) {
	buf := make([]byte, size)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			m, err := dst.Write(buf[:n])
			passed += int64(m)
			if err != nil {
				fail(err)
				return passed
			}
		}
		if err == io.EOF {
			if err := dst.CloseWrite(); err != nil {
				fail(err)
			}
			return passed
		}
		if err != nil {
			fail(err)
			return passed
		}
	}
}
