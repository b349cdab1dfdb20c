// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package message_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/message"
)

func TestFields(t *testing.T) {
	f := message.Fields{{Name: "a", Value: "1"}, {Name: "B", Value: "2"}, {Name: "A", Value: "3"}}
	assert.Equal(t, "1", f.Get("A"))
	assert.Equal(t, []string{"1", "3"}, f.Values("a"))
	assert.Equal(t, "", f.Get("c"))
	assert.False(t, f.Has("c"))
	f.Set("A", "4")
	assert.Equal(t, message.Fields{{Name: "a", Value: "4"}, {Name: "B", Value: "2"}}, f, "one field is left, in its place and spelling")
	f.Set("C", "5")
	f.Del("b")
	assert.Equal(t, message.Fields{{Name: "a", Value: "4"}, {Name: "C", Value: "5"}}, f)
}

func TestStripHopByHop(t *testing.T) {
	f := message.Fields{
		{Name: "Connection", Value: "keep-alive, X-Own"}, {Name: "x-own", Value: "1"}, {Name: "Keep-Alive", Value: "5"}, {Name: "TE", Value: "trailers"},
		{Name: "Upgrade", Value: "h2c"}, {Name: "Proxy-Connection", Value: "close"}, {Name: "Transfer-Encoding", Value: "chunked"}, {Name: "Accept", Value: "*/*"},
	}
	message.StripHopByHop(&f)
	assert.Equal(t, message.Fields{{Name: "Accept", Value: "*/*"}}, f)
}

func TestUpgradeNeedsConnectionAndHTTP1(t *testing.T) {
	upgrade := message.Fields{{Name: "Connection", Value: "keep-alive, Upgrade"}, {Name: "Upgrade", Value: "websocket"}}
	assert.Equal(t, "websocket", (&message.Request{Major: 1, Fields: upgrade}).Upgrade())
	assert.Empty(t, (&message.Request{Major: 1, Fields: upgrade[1:]}).Upgrade())
	assert.Empty(t, (&message.Request{Major: 2, Fields: upgrade}).Upgrade())
}

func TestGRPCIsHTTP2WithItsContentType(t *testing.T) {
	call := message.Fields{{Name: "content-type", Value: "Application/gRPC+proto"}}
	assert.True(t, (&message.Request{Major: 2, Fields: call}).GRPC())
	assert.False(t, (&message.Request{Major: 1, Fields: call}).GRPC())
	assert.False(t, (&message.Request{Major: 2}).GRPC())
}
