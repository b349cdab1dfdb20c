// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package plantext

import (
	"io"
	"strings"

	"github.com/istio-aws/istio-aws/elbsim/internal/elb"
	"github.com/istio-aws/istio-aws/elbsim/internal/plandiff"
)

// sign, colour and words of an action. The signs are Terraform's, which people who keep load balancers know.
var signs = map[plandiff.Action]struct{ sign, code, words string }{
	plandiff.Create:  {"+", green, "is made"},
	plandiff.Update:  {"~", yellow, "is changed in place"},
	plandiff.Replace: {"-/+", red, "is replaced"},
	plandiff.Delete:  {"-", red, "is deleted"},
	plandiff.Keep:    {"!", red, "stays as it is"},
}

// WriteDiff writes what changes, then what was rejected and what is surprising in the new manifests.
func WriteDiff(w io.Writer, d plandiff.Diff, opts Options) error {
	p := &printer{color: opts.Color}
	for _, c := range d.Changes {
		p.change(c)
		p.line(0, "")
	}
	p.refused(elb.Plan{Rejections: d.Rejections, Warnings: d.Warnings})
	p.line(0, "%s", p.summary(d))
	_, err := w.Write(p.Bytes())
	return err
}

func (p *printer) change(c plandiff.Change) {
	s := signs[c.Action]
	from := ""
	if c.From != "" {
		from = " (was " + c.From + ")"
	}
	p.line(0, "%s %s %s%s %s", p.paint(s.code, s.sign), p.paint(cyan, kinds[c.Type]), p.paint(strong, c.Stack), from, p.paint(s.code, s.words))
	for _, r := range c.Reasons {
		p.line(2, "%s %s", p.paint(faint, "because"), r)
	}
	if c.Action != plandiff.Update { // there each detail says its own
		for _, t := range c.Traffic {
			p.line(2, "%s %s", p.paint(faint, "traffic:"), t)
		}
	}
	part := "" // whose details are being written
	for i, d := range c.Details {
		of, what, nested := strings.Cut(d.What, ": ")
		if !nested {
			part = ""
			if next := i + 1; next < len(c.Details) && strings.HasPrefix(c.Details[next].What, d.What+" ") {
				part = d.What + " " + d.New
			}
			p.detail(2, c, d.What, d)
			continue
		}
		if of != part {
			p.line(2, "%s %s", p.paint(yellow, "~"), of)
			part = of
		}
		p.detail(3, c, what, d)
	}
}

func (p *printer) detail(indent int, c plandiff.Change, what string, d plandiff.Detail) {
	s := signs[d.Action]
	text := what + " " + d.Old + d.New // one of them is empty
	switch {
	case d.Action == plandiff.Replace:
		text = what + " " + d.New
	case d.Old != "" && d.New != "":
		text = what + ": " + d.Old + " → " + d.New
	}
	p.line(indent, "%s %s", p.paint(s.code, s.sign), text)
	if d.Traffic != "" && c.Action == plandiff.Update {
		p.line(indent+2, "%s %s", p.paint(faint, "traffic:"), d.Traffic)
	}
}

// summary counts load balancers by what happens to them.
func (p *printer) summary(d plandiff.Diff) string {
	n := map[plandiff.Action]int{}
	for _, c := range d.Changes {
		n[c.Action]++
	}
	var out []string
	for _, part := range []struct {
		action plandiff.Action
		words  string
	}{
		{plandiff.Create, "to make"}, {plandiff.Update, "to change in place"}, {plandiff.Replace, "to replace"},
		{plandiff.Delete, "to delete"}, {plandiff.Keep, "to stay, rejected"},
	} {
		if n[part.action] > 0 {
			out = append(out, count(n[part.action], "load balancer")+" "+part.words)
		}
	}
	if len(out) == 0 {
		out = append(out, "no changes")
	}
	if len(d.Rejections) > 0 {
		out = append(out, count(len(d.Rejections), "object")+" rejected")
	}
	if len(d.Warnings) > 0 {
		out = append(out, count(len(d.Warnings), "warning"))
	}
	return strings.Join(out, ", ")
}
