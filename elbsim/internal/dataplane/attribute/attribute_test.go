// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package attribute_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/attribute"
)

func TestReader(t *testing.T) {
	r := attribute.From(map[string]string{"number": "7", "flag": "false", "text": "x"})
	assert.Equal(t, 7, r.Int("number", 1))
	assert.Equal(t, 1, r.Int("absent", 1))
	assert.False(t, r.Bool("flag", true))
	assert.True(t, r.Bool("absent", true))
	assert.Equal(t, "x", r.Text("text", "y"))
	assert.Equal(t, "y", r.Text("absent", "y"))
	assert.NoError(t, r.Err())
}

func TestReaderNamesAllThatIsWrong(t *testing.T) {
	r := attribute.From(map[string]string{"number": "many", "flag": "yes"})
	assert.Equal(t, 1, r.Int("number", 1))
	assert.True(t, r.Bool("flag", true))
	assert.EqualError(t, r.Err(), "attribute number is \"many\"; it must be a number\nattribute flag is \"yes\"; it must be true or false")
}
