// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package desync_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/desync"
)

func TestRow17ModesByClass(t *testing.T) {
	tests := []struct {
		mode   desync.Mode
		class  desync.Class
		blocks bool
		closes bool
	}{
		{desync.Monitor, desync.Compliant, false, false},
		{desync.Monitor, desync.Acceptable, false, false},
		{desync.Monitor, desync.Ambiguous, false, false},
		{desync.Monitor, desync.Severe, false, false},
		{desync.Defensive, desync.Compliant, false, false},
		{desync.Defensive, desync.Acceptable, false, false},
		{desync.Defensive, desync.Ambiguous, false, true},
		{desync.Defensive, desync.Severe, true, false},
		{desync.Strictest, desync.Compliant, false, false},
		{desync.Strictest, desync.Acceptable, true, false},
		{desync.Strictest, desync.Ambiguous, true, false},
		{desync.Strictest, desync.Severe, true, false},
	}
	for _, tt := range tests {
		t.Run("row 17: "+string(tt.mode)+" and "+tt.class.String(), func(t *testing.T) {
			assert.Equal(t, tt.blocks, tt.mode.Blocks(tt.class), "blocks")
			assert.Equal(t, tt.closes, tt.mode.Closes(tt.class), "closes")
		})
	}
}

func TestParseMode(t *testing.T) {
	m, err := desync.ParseMode("monitor")
	assert.NoError(t, err)
	assert.Equal(t, desync.Monitor, m)
	_, err = desync.ParseMode("lenient")
	assert.EqualError(t, err, `desync mitigation mode "lenient"; allowed are monitor, defensive and strictest`)
}

func TestRow17NamesThatLookLikeFraming(t *testing.T) {
	for name, want := range map[string]desync.Framing{
		"content-LENGTH":        desync.ContentLength,
		"Transfer-encoding":     desync.TransferEncoding,
		"Content_Length":        desync.LikeContentLength,
		"ContentLength":         desync.LikeContentLength,
		"\xa0Content-Length":    desync.LikeContentLength,
		"Transfer-Encoding ":    desync.LikeTransferEncoding,
		"Transfer--Encoding":    desync.LikeTransferEncoding,
		"\x0bTransfer-Encoding": desync.LikeTransferEncoding,
		"Tranſfer-Encoding":     desync.LikeTransferEncoding,
		"Transfer-Encodıng":     desync.LikeTransferEncoding,
		"Transfer-Encodings":    desync.NoFraming,
		"X-Content-Length":      desync.NoFraming,
		"Accept-Encoding":       desync.NoFraming,
		"Content-Lengt":         desync.NoFraming,
		"":                      desync.NoFraming,
	} {
		assert.Equal(t, want, desync.NameOf(name), "%q", name)
	}
}
