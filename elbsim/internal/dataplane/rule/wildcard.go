// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Package rule decides which actions of a listener hold for a request, and where a redirect leads. It is pure:
// the numbers in comments are rows of the semantics table.
package rule

// wildcard tells whether a pattern of letters, * (any run) and ? (any one) matches all of s. In a pattern
// of a query string a backslash takes the meaning from * and ? (row 41).
func wildcard(pattern []token, s string) bool {
	p, i := 0, 0
	star, mark := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p].kind == anyRun:
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p].kind == anyOne || pattern[p].char == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p].kind == anyRun {
		p++
	}
	return p == len(pattern)
}

type kind uint8

const (
	literal kind = iota
	anyOne
	anyRun
)

type token struct {
	kind kind
	char byte
}

func tokens(pattern string, escapes bool) []token {
	var out []token
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case escapes && c == '\\' && i+1 < len(pattern):
			i++
			out = append(out, token{literal, pattern[i]})
		case c == '*':
			out = append(out, token{kind: anyRun})
		case c == '?':
			out = append(out, token{kind: anyOne})
		default:
			out = append(out, token{literal, c})
		}
	}
	return out
}
