// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package traffic

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Logged is how many lines of each access log are kept.
const Logged = 10000

// AccessLog is the access log of one load balancer, which AWS would put into S3.
type AccessLog struct {
	name string // of the load balancer, as log lines have it: app/my-loadbalancer/50dc6c495c0c9188

	mu    sync.Mutex
	lines []string
}

// AccessLog returns the log of a load balancer; what it has logged so far stays.
func (r *Recorder) AccessLog(loadBalancer string) *AccessLog {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.logs[loadBalancer]
	if l == nil {
		_, name, _ := strings.Cut(loadBalancer, ":loadbalancer/")
		l = &AccessLog{name: name}
		r.logs[loadBalancer] = l
	}
	return l
}

// AccessLogLines returns the last lines of a load balancer's log, oldest first, and whether there is a log.
func (r *Recorder) AccessLogLines(loadBalancer string) ([]string, bool) {
	r.mu.Lock()
	l := r.logs[loadBalancer]
	r.mu.Unlock()
	if l == nil {
		return nil, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines), true
}

func (l *AccessLog) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) == Logged {
		l.lines = slices.Delete(l.lines, 0, Logged/10)
	}
	l.lines = append(l.lines, line)
}

// line is an entry with the fields and in the order of the user guide's "Access log entries" (elasticloadbalancing,
// load-balancer-access-logs). What is not known here is "-", as there.
func (e *Exchange) line(now time.Time) string {
	r := &e.Request
	kind := strings.ToLower(r.Scheme)
	if r.Version == "HTTP/2.0" {
		kind = "h2"
	}
	if e.Status == 101 {
		kind = map[string]string{"http": "ws", "https": "wss"}[kind]
	}
	group, target, targets := "-", "-", "-"
	if e.Target != nil {
		group, target = dash(e.Target.key.TargetGroup), dash(e.Target.key.Target)
		targets = target
	}
	host := r.Host
	if !strings.Contains(host, ":") {
		host += ":" + strconv.Itoa(int(e.Rule.key.Port))
	}
	priority := e.Rule.key.Rule
	switch priority {
	case DefaultRule:
		priority = "0"
	case "":
		priority = "-1"
	}
	code := func(n int) string {
		if n == 0 {
			return "-"
		}
		return strconv.Itoa(n)
	}
	request := "- - -"
	if r.Method != "" {
		request = fmt.Sprintf("%s %s://%s%s %s", r.Method, strings.ToLower(r.Scheme), host, r.Path, r.Version)
	}
	return strings.Join([]string{
		kind, now.UTC().Format(stamp), e.Log.name, e.Client.String(), target,
		between(e.Start, e.Sent), between(e.Sent, e.Answered), between(e.Answered, now),
		code(e.Status), code(e.TargetStatus), strconv.FormatInt(e.ReceivedBytes, 10), strconv.FormatInt(e.SentBytes, 10),
		quoted(request), quoted(dash(r.UserAgent)), dash(r.TLSCipher), dash(r.TLSProtocol), group,
		quoted(dash(r.Trace)), quoted(dash(r.ServerName)), quoted(dash(r.Certificate)), priority,
		e.Start.UTC().Format(stamp), quoted(dash(r.Actions)), quoted(dash(r.Redirect)), quoted("-"),
		quoted(targets), quoted(code(e.TargetStatus)), quoted("-"), quoted("-"), "-",
	}, " ")
}

// stamp is ISO 8601 with microseconds.
const stamp = "2006-01-02T15:04:05.000000Z"

// between is the seconds between two times, -1 if one of them never came.
func between(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return "-1"
	}
	return strconv.FormatFloat(to.Sub(from).Seconds(), 'f', 3, 64)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// quoted puts a text from outside between quotes; what could end the line or the field is escaped as \xNN.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c > '~' {
			fmt.Fprintf(&b, `\x%02X`, c)
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
