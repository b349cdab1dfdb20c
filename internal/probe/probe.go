// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package probe sends requests through a load balancer as a client outside the cluster would, and
// asserts over time: [Eventually], [Never] and [During] are the only functions of the harness that take
// a test and fail it. What a good answer is comes from package check.
package probe

import (
	"context"
	"sync"
	"time"

	"github.com/istio-aws/istio-aws/internal/wait"
)

// T is the part of *testing.T that assertions over time need.
type T interface {
	Helper()
	Context() context.Context
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	FailNow()
}

// Eventually observes until check accepts what it sees, as [wait.For] does with options, and returns
// that observation. When the limit passes it ends the test with each distinct error and its count.
func Eventually[R any](t T, observe func(context.Context) (R, error), check func(R) error, options ...wait.Option) R {
	t.Helper()
	var last R
	err := wait.For(t.Context(), func(ctx context.Context) error {
		seen, err := observe(ctx)
		if err != nil {
			return err
		}
		last = seen
		return check(seen)
	}, append([]wait.Option{wait.Log(t.Logf)}, options...)...)
	if err != nil {
		t.Errorf("%v", err)
		t.FailNow()
	}
	return last
}

// pause lies between two observations of [Never] and between two requests of a worker of [During].
const pause = 20 * time.Millisecond

// Never observes for a while and ends the test as soon as forbidden accepts what it sees, or when it
// could not observe even once.
func Never[R any](t T, observe func(context.Context) (R, error), forbidden func(R) error, during time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	start, seen := time.Now(), 0
	var last error
	for ; ctx.Err() == nil; rest(ctx) {
		observation, err := observe(context.WithoutCancel(ctx))
		if err != nil {
			last = err
			continue
		}
		if seen++; forbidden(observation) == nil {
			t.Errorf("after %s, observation %d, what must never be: %v", time.Since(start).Round(time.Millisecond), seen, observation)
			t.FailNow()
		}
	}
	if seen == 0 {
		t.Errorf("nothing was observed in %s; last error: %v", during, last)
		t.FailNow()
	}
	t.Logf("never in %s and %d observations", during, seen)
}

// Load is what [During] counted.
type Load struct {
	Requests, Failed int
	Errors           wait.Errors // why requests failed
}

// workers is how many requests of [During] may be under way at a time.
const workers = 4

// During starts requests, four at a time, runs change once the first has been answered, and stops when
// change has ended. It fails the test when a request fails or is refused by check, when change fails, or
// when no request was made.
func During[R any](t T, request func(context.Context) (R, error), check func(R) error, change func(context.Context) error) Load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var (
		mutex   sync.Mutex
		load    Load
		running sync.WaitGroup
		once    sync.Once
		begun   = make(chan struct{})
	)
	for range workers {
		running.Go(func() {
			for ; ctx.Err() == nil; rest(ctx) {
				// A request under way when the load stops is let finish: cut short, it would count as lost.
				answer, err := request(context.WithoutCancel(ctx))
				if err == nil {
					err = check(answer)
				}
				mutex.Lock()
				load.Requests++
				if err != nil {
					load.Failed++
					load.Errors.Add(err)
				}
				mutex.Unlock()
				once.Do(func() { close(begun) })
			}
		})
	}
	select {
	case <-begun:
	case <-ctx.Done():
	}
	err := change(ctx)
	stop()
	running.Wait()

	switch {
	case err != nil:
		t.Errorf("the change under load: %v", err)
	case load.Requests == 0:
		t.Errorf("no request was made while the change ran")
	case load.Failed > 0:
		t.Errorf("%d of %d requests failed:%s", load.Failed, load.Requests, load.Errors)
	default:
		t.Logf("%d requests, none failed", load.Requests)
	}
	return load
}

func rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}
