// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package manifest

import (
	"errors"
	"fmt"
	"strings"
)

// A SyntaxError is about input that is no Kubernetes object at all.
type SyntaxError struct {
	Source
	Message string // what is wrong and the cure
}

func (e *SyntaxError) Error() string { return e.Source.String() + ": " + e.Message }

// maxErrors is how many errors are shown; the first ones often explain the others.
const maxErrors = 10

// Errors are all that is wrong with the input, in its order.
type Errors []error

// Error shows the first ten, one a line, and how many there are besides.
func (e Errors) Error() string {
	var lines []string
	for _, err := range e[:min(len(e), maxErrors)] {
		lines = append(lines, err.Error())
	}
	if more := len(e) - maxErrors; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more errors", more))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each error to errors.Is and errors.As.
func (e Errors) Unwrap() []error { return e }

// orNil is the error that the collected ones make.
func (e Errors) orNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// with adds an error, if it is one; those that are several are added one by one.
func (e Errors) with(err error) Errors {
	var several Errors
	switch {
	case err == nil:
		return e
	case errors.As(err, &several):
		return append(e, several...)
	}
	return append(e, err)
}
