// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network_test

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-aws/istio-aws/elbsim/internal/dataplane/dial"
)

// TCP flags.
const (
	reset       = 0x04
	pushWithAck = 0x18
)

// segment is a TCP segment with a byte of data that belongs to no connection.
func segment(from, to netip.AddrPort) []byte {
	const header = 20
	s := make([]byte, header+1)
	binary.BigEndian.PutUint16(s[0:], from.Port())
	binary.BigEndian.PutUint16(s[2:], to.Port())
	binary.BigEndian.PutUint32(s[4:], 1000) // sequence number
	binary.BigEndian.PutUint32(s[8:], 2000) // acknowledged
	s[12], s[13] = header/4<<4, pushWithAck
	binary.BigEndian.PutUint16(s[14:], 65535) // window
	s[header] = 'x'
	source, destination := from.Addr().As4(), to.Addr().As4()
	sum := uint32(6) + uint32(len(s)) // the pseudo header's protocol and length
	for _, part := range [][]byte{source[:], destination[:], append(s[:len(s):len(s)], 0)} {
		for i := 0; i < len(part); i += 2 {
			sum += uint32(binary.BigEndian.Uint16(part[i:]))
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	binary.BigEndian.PutUint16(s[16:], ^uint16(sum))
	return s
}

// answer reads the flags of the first segment from one end to the other. Others are of connections before.
func answer(raw net.PacketConn, to, from netip.AddrPort) (flags byte, err error) {
	for b := make([]byte, 1500); ; {
		_, sender, err := raw.ReadFrom(b)
		if err != nil {
			return 0, err
		}
		if sender.String() == from.Addr().String() && binary.BigEndian.Uint16(b[0:]) == from.Port() && binary.BigEndian.Uint16(b[2:]) == to.Port() {
			return b[13], nil
		}
	}
}

func TestRow59DataWithoutAConnection(t *testing.T) {
	w := lay(t)
	w.apply(t, "false", w.lb)
	for _, tt := range []struct {
		name  string
		port  uint16
		reset bool
	}{
		{"row 59: data without a connection to a listener is reset", port, true},
		{"row 59: data without a connection to a port without a listener gets nothing", otherPort, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var raw net.PacketConn
			w.client.do(func() (err error) {
				raw, err = net.ListenPacket("ip4:tcp", w.client.address.String())
				return err
			})
			defer func() { require.NoError(t, raw.Close()) }()
			from, to := netip.AddrPortFrom(w.client.address, 4711), netip.AddrPortFrom(netip.MustParseAddr(w.address()), tt.port)
			_, err := raw.WriteTo(segment(from, to), &net.IPAddr{IP: to.Addr().AsSlice()})
			require.NoError(t, err)
			limit := silence
			if tt.reset {
				limit = patience
			}
			require.NoError(t, raw.SetReadDeadline(time.Now().Add(limit)))
			flags, err := answer(raw, from, to)
			if !tt.reset {
				assertSilent(t, err)
				return
			}
			require.NoError(t, err)
			assert.NotZero(t, flags&reset, "flags %#x", flags)
		})
	}
}

func TestRow60DatagramsInTheClientsNameComeBack(t *testing.T) {
	w := lay(t, clientNetwork)
	var target net.PacketConn
	w.target.do(func() (err error) {
		target, err = net.ListenPacket("udp", w.target.address.String()+":0")
		return err
	})
	defer func() { require.NoError(t, target.Close()) }()
	client := netip.AddrPortFrom(w.client.address, 4712) // nothing of the test has the port
	c, err := dial.As(t.Context(), "udp", client, target.LocalAddr().(*net.UDPAddr).AddrPort(), patience)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	require.NoError(t, target.SetDeadline(time.Now().Add(patience)))
	_, err = c.Write([]byte("ping"))
	require.NoError(t, err)
	b := make([]byte, 8)
	_, from, err := target.ReadFrom(b)
	require.NoError(t, err)
	assert.Equal(t, client.String(), from.String())
	_, err = target.WriteTo([]byte("pong"), from)
	require.NoError(t, err)
	n, err := c.Read(b)
	require.NoError(t, err)
	assert.Equal(t, "pong", string(b[:n]))
}
