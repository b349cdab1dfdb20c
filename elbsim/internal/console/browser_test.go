// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

//go:build browser

package console_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
)

const (
	// patience is how long a test waits for what must come.
	patience = 30 * time.Second
	tick     = 20 * time.Millisecond
)

var screenshots = flag.String("screenshots", "", "folder to write screenshots to")

// page opens the console in a browser with a profile of its own.
func page(t *testing.T, l *lab, width, height int) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, _ := chromedp.NewContext(alloc)
	t.Cleanup(func() { assert.NoError(t, chromedp.Cancel(ctx)) }) // waits for the browser, which writes its profile
	require.NoError(t, chromedp.Run(ctx, chromedp.EmulateViewport(int64(width), int64(height)), chromedp.Navigate("http://"+l.address+"/")))
	require.Eventually(t, func() bool {
		return value[int](t, ctx, `document.querySelectorAll("details[data-stack]").length`) == len(l.lbs)
	}, patience, tick)
	return ctx
}

// value evaluates JavaScript in the page.
func value[T any](t *testing.T, ctx context.Context, script string) (out T) {
	t.Helper()
	require.NoError(t, chromedp.Run(ctx, chromedp.Evaluate(script, &out)))
	return out
}

func screenshot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	var png []byte
	require.NoError(t, chromedp.Run(ctx, chromedp.FullScreenshot(&png, 100)))
	require.NoError(t, os.WriteFile(*screenshots+"/"+name+".png", png, 0o644))
}

// settled waits until all targets of the public load balancer have passed their checks.
func (l *lab) settled(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		for _, target := range l.lbs[0].TargetGroups[0].Targets {
			if l.plane.Health(l.lbs[0].TargetGroups[0].ARN, target).State != elb.Healthy {
				return false
			}
		}
		return true
	}, patience, tick)
}

// load sends requests until the test ends.
func (l *lab) load(t *testing.T) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(4 * time.Millisecond):
			}
			address := "127.70.0.1:8080/cart/1"
			switch {
			case n%40 == 0:
				address = "127.70.0.4:8080/checkout?step=2"
			case n%25 == 0:
				address = "127.70.0.1:8080/missing"
			case n%15 == 0:
				address = "127.70.0.7:5432/"
			}
			if res, err := http.Get("http://" + address); err == nil {
				_ = res.Body.Close() // only the load matters
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-done })
}

func TestConsoleShowsEveryLoadBalancerAndWhatFails(t *testing.T) {
	l := newLab(t)
	l.settled(t)
	ctx := page(t, l, 1280, 900)
	assert.Equal(t, 200, l.ask(t, "127.70.0.1:8080/"))
	assert.Equal(t, 502, l.ask(t, "127.70.0.4:8080/checkout"))
	for _, want := range []string{
		"istio-ingress/public", "istio-ingress/tcp", "shop/legacy", "internet-facing", "127.70.0.2", "eu-west-1b",
		"k8s-application-0123456789.eu-west-1.elb.amazonaws.com", "if host is shop.example.com and path is /cart/*: forward to istio-ingress/public:80",
		"redirect 301 to https://#{host}/new", "istio-ingress/public:80 (90 %)", "istio-ingress/public-6c9f7d5b8-4xkzq", "shop/<b>legacy</b>-0",
		"target 127.71.0.5:9 refused the connection", "GET 127.70.0.4:8080/checkout", "DescribeProtection", "1 call of operations that elbsim does not implement",
	} {
		assert.Eventually(t, func() bool {
			return value[bool](t, ctx, fmt.Sprintf(`document.body.innerText.includes(%q)`, want))
		}, patience, tick, want)
	}
	assert.Zero(t, value[int](t, ctx, `[...document.querySelectorAll("main b")].filter(e => e.textContent === "legacy").length`), "names are text, never markup")
	assert.Equal(t, len(l.lbs), value[int](t, ctx, `document.querySelectorAll("svg.picture").length`))
	assert.Equal(t, "live", value[string](t, ctx, `document.getElementById("connection").dataset.state`))
	assert.Empty(t, value[[]string](t, ctx, `[...document.querySelectorAll("input,select,button,svg[role=img]")].filter(e => !(e.labels?.length || e.textContent || e.ariaLabel)).map(e => e.outerHTML)`), "what has no name for a screen reader")
}

func TestConsoleShowsATargetTurningUnhealthyWithinTwoSeconds(t *testing.T) {
	l := newLab(t)
	l.settled(t)
	ctx := page(t, l, 1280, 900)
	shown := func() string {
		return value[string](t, ctx, `document.querySelector('[data-target^="127.71.0.2:"]').dataset.health`)
	}
	require.Eventually(t, func() bool { return shown() == "healthy" }, patience, tick)
	l.sick.Store(true)
	group := l.lbs[0].TargetGroups[0]
	require.Eventually(t, func() bool { return l.plane.Health(group.ARN, group.Targets[1]).State == elb.Unhealthy }, patience, tick)
	said := time.Now()
	require.Eventually(t, func() bool { return shown() == "unhealthy" }, patience, tick)
	took := time.Since(said)
	t.Logf("shown %s after the API says so", took)
	assert.Less(t, took, 2*time.Second, "the promise of the console")
	assert.True(t, value[bool](t, ctx, `document.body.innerText.includes("Target.ResponseCodeMismatch: Health checks failed with these codes: [503]")`))
	assert.Equal(t, 1, value[int](t, ctx, `document.querySelectorAll("details[data-stack='istio-ingress/public'] .node.bad[data-key^=target]").length`), "in the picture too")
}

func TestConsoleSaysThatElbsimIsLostAndComesBack(t *testing.T) {
	l := newLab(t)
	ctx := page(t, l, 1280, 900)
	state := func() string { return value[string](t, ctx, `document.getElementById("connection").dataset.state`) }
	require.Eventually(t, func() bool { return state() == "live" }, patience, tick)
	at := l.address
	l.stop()
	require.NoError(t, <-l.ended)
	require.Eventually(t, func() bool { return state() == "lost" }, patience, tick)
	assert.True(t, value[bool](t, ctx, `document.body.innerText.includes("istio-ingress/public")`), "what was known last stays")
	l.serve(t, at)
	require.Eventually(t, func() bool { return state() == "live" }, patience, tick)
}

func TestConsoleHasLightAndDarkAndFitsAPhone(t *testing.T) {
	l := newLab(t)
	l.settled(t)
	l.sick.Store(true)
	l.load(t)
	ctx := page(t, l, 1280, 900)
	background := func() string { return value[string](t, ctx, `getComputedStyle(document.body).backgroundColor`) }
	click := func() { require.NoError(t, chromedp.Run(ctx, chromedp.Click("#theme"))) }
	click()
	light := background()
	screenshotAfterLoad(t, ctx, "light")
	click()
	dark := background()
	screenshot(t, ctx, "dark")
	assert.NotEqual(t, light, dark)
	require.NoError(t, chromedp.Run(ctx, chromedp.EmulateViewport(360, 740)))
	require.Eventually(t, func() bool { return value[int](t, ctx, `innerWidth`) == 360 }, patience, tick)
	require.Eventually(t, func() bool {
		return value[float64](t, ctx, `document.querySelector("svg.picture").viewBox.baseVal.width`) < 360
	}, patience, tick, "the picture goes from top to bottom")
	assert.LessOrEqual(t, value[int](t, ctx, `document.documentElement.scrollWidth`), 360)
	screenshot(t, ctx, "phone")
}

// screenshotAfterLoad lets the sparklines fill first, if pictures are wanted at all.
func screenshotAfterLoad(t *testing.T, ctx context.Context, name string) {
	if *screenshots == "" {
		return
	}
	require.Eventually(t, func() bool { return value[int](t, ctx, `document.querySelectorAll(".spark rect.all").length`) > 40 }, time.Minute, tick)
	screenshot(t, ctx, name)
	var png []byte
	require.NoError(t, chromedp.Run(ctx, chromedp.CaptureScreenshot(&png)))
	require.NoError(t, os.WriteFile(*screenshots+"/console.png", png, 0o644))
}

func TestFiltersAndEmptyState(t *testing.T) {
	l := newLab(t)
	ctx := page(t, l, 1280, 900)
	count := func() int { return value[int](t, ctx, `document.querySelectorAll("details[data-stack]").length`) }
	require.NoError(t, chromedp.Run(ctx, chromedp.SendKeys("#search", "legacy</b>-0")))
	require.Eventually(t, func() bool { return count() == 1 }, patience, tick, "by the name of a pod")
	assert.True(t, value[bool](t, ctx, `document.body.innerText.includes("1 of 3 load balancers match")`))
	require.NoError(t, chromedp.Run(ctx, chromedp.Evaluate(`const s = document.getElementById("search"); s.value = ""; s.dispatchEvent(new Event("input")); const k = document.getElementById("kind"); k.value = "network"; k.dispatchEvent(new Event("change"))`, nil)))
	require.Eventually(t, func() bool { return count() == 1 }, patience, tick)

	none := &lab{plane: l.plane, traffic: l.traffic}
	none.serve(t, "127.0.0.1:0")
	ctx = page(t, none, 1280, 900)
	require.Eventually(t, func() bool { return value[bool](t, ctx, `document.body.innerText.includes("ingressClassName: alb")`) }, patience, tick)
}
