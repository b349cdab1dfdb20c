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

// A direction waits with a small buffer, because most connections are silent most of the time and there are many of
// them. While more comes at once than that holds it borrows a large one.
const (
	smallSize = 2 << 10
	largeSize = 64 << 10
	enough    = largeSize / 4 // what a large buffer must at least have got to be kept
)

// large are buffers for whoever moves bulk data.
var large = sync.Pool{New: func() any { return new([largeSize]byte) }}

// Pass passes bytes both ways. The end of one direction is passed on as such, and the other goes on. The
// first error ends both: broken is called once with it, and must close both sides. It returns how many bytes came
// from each side.
func Pass(a, b Side, broken func(error)) (fromA, fromB int64) {
	var once sync.Once
	fail := func(err error) { once.Do(func() { broken(err) }) }
	var wg sync.WaitGroup
	back, forth := direction{dst: a, src: b}, direction{dst: b, src: a}
	wg.Go(func() { back.run(fail) })
	forth.run(fail)
	wg.Wait()
	return forth.passed, back.passed
}

// direction is one of the two ways.
type direction struct {
	dst, src Side
	passed   int64 // bytes
}

func (d *direction) run(fail func(error)) {
	small := make([]byte, smallSize)
	for {
		n, err := d.pass(small)
		if err == nil && n == len(small) {
			err = d.burst()
		}
		if err == io.EOF {
			if err = d.dst.CloseWrite(); err == nil {
				return
			}
		}
		if err != nil {
			fail(err)
			return
		}
	}
}

// burst passes data through a large buffer until little comes at once, so that none waits for the next message.
func (d *direction) burst() error {
	buf := large.Get().(*[largeSize]byte)
	defer large.Put(buf)
	for {
		n, err := d.pass(buf[:])
		if err != nil || n < enough {
			return err
		}
	}
}

// pass passes on what one reading gives. io.EOF is the end of src.
func (d *direction) pass(buf []byte) (n int, err error) {
	n, err = d.src.Read(buf)
	if n > 0 {
		m, err := d.dst.Write(buf[:n])
		d.passed += int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, err
}
