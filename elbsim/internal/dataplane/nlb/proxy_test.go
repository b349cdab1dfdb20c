// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/pires/go-proxyproto"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/nlb"
)

// headerBytes is the size of a whole PROXY v2 header of AWS: 16 bytes and what the length field says.
const headerBytes = 16 + 0x54

func TestRow64ProxyHeaderComesBeforeTheClientsBytes(t *testing.T) {
	t.Parallel()
	got := make(chan []byte, 1)
	address, stop := accept(t, func(c net.Conn) {
		defer func() { _ = c.Close() }() // the test asserts on what was read
		all, err := io.ReadAll(c)
		if err == nil {
			got <- all
		}
	})
	t.Cleanup(stop)
	g := group(t, new(switchboard), nil, member(t, address, "a"))
	g.ProxyV2 = true
	_, lb := start(t, tcpListener(g))
	c := dial(t, lb)
	const forged = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
	_, err := io.WriteString(c, forged)
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())

	all := <-got
	require.Len(t, all, headerBytes+len(forged))
	assert.Equal(t, forged, string(all[headerBytes:]), "row 64: a header from the client is kept after it")
	header := parse(t, all[:headerBytes])
	assert.Equal(t, c.LocalAddr().String(), header.SourceAddr.String())
	assert.Equal(t, c.RemoteAddr().String(), header.DestinationAddr.String())
}

func TestRow65ProxyHeaderBytes(t *testing.T) {
	node, target := netip.MustParseAddrPort("10.0.0.1:1000"), netip.MustParseAddrPort("10.0.0.2:80")
	got, err := nlb.ProxyPreamble(node, target)
	require.NoError(t, err)
	assert.Equal(t, "\r\n\r\n\x00\r\nQUIT\n", string(got[:12]), "signature")
	assert.Equal(t, byte(0x20), got[12], "row 64: a health check has the command LOCAL")
	assert.Equal(t, byte(0x11), got[13], "TCP over IPv4")
	assert.Equal(t, uint16(0x54), binary.BigEndian.Uint16(got[14:]), "length")
	assert.Len(t, got, headerBytes)

	const firstTLV = 16 + 12
	assert.Equal(t, []byte{0x03, 0x00, 0x04}, got[firstTLV:firstTLV+3], "CRC-32c comes first")
	sum := binary.BigEndian.Uint32(got[firstTLV+3:])
	copy(got[firstTLV+3:], make([]byte, 4))
	assert.Equal(t, crc32.Checksum(got, crc32.MakeTable(crc32.Castagnoli)), sum)
	assert.Equal(t, byte(0x04), got[firstTLV+7], "NOOP pads the rest")
}

func TestProxyHeaderOfIPv6HasTheSameLength(t *testing.T) {
	got, err := nlb.ProxyPreamble(netip.MustParseAddrPort("[2001:db8::1]:1"), netip.MustParseAddrPort("[2001:db8::2]:2"))
	require.NoError(t, err)
	assert.Len(t, got, headerBytes)
	parse(t, got)
}

func parse(t *testing.T, b []byte) *proxyproto.Header {
	t.Helper()
	h, err := proxyproto.Read(bufio.NewReader(bytes.NewReader(b)))
	require.NoError(t, err)
	_, err = h.TLVs()
	require.NoError(t, err)
	return h
}
