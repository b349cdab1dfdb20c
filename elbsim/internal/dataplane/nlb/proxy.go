// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net"
	"net/netip"

	"github.com/pires/go-proxyproto"
)

// headerLength is what AWS's PROXY v2 headers have in their length field: AWS pads them with a NOOP (row 65).
const headerLength = 0x54

// localChecks: the PROXY header of a health check has the command LOCAL. Inferred; AWS's documents do not say.
const localChecks = true

const (
	tlvHeader = 3 // bytes of type and length
	crcBytes  = 4
)

// proxyHeader is a PROXY v2 header as AWS sends it: addresses, a CRC-32c of the whole, padding (rows 64, 65).
func proxyHeader(client, node netip.AddrPort) ([]byte, error) {
	return encode(proxyproto.PROXY, client, node)
}

// ProxyPreamble is the PROXY v2 header of a health check.
func ProxyPreamble(node, target netip.AddrPort) ([]byte, error) {
	if localChecks {
		return encode(proxyproto.LOCAL, node, target)
	}
	return encode(proxyproto.PROXY, node, target)
}

func encode(command proxyproto.ProtocolVersionAndCommand, from, to netip.AddrPort) ([]byte, error) {
	h := proxyproto.Header{Version: 2, Command: command, TransportProtocol: proxyproto.TCPv4,
		SourceAddr: net.TCPAddrFromAddrPort(from), DestinationAddr: net.TCPAddrFromAddrPort(to)}
	addresses := 2*4 + 2*2
	if from.Addr().Is6() {
		h.TransportProtocol, addresses = proxyproto.TCPv6, 2*16+2*2
	}
	padding := headerLength - addresses - tlvHeader - crcBytes - tlvHeader
	if err := h.SetTLVs([]proxyproto.TLV{
		{Type: proxyproto.PP2_TYPE_CRC32C, Value: make([]byte, crcBytes)},
		{Type: proxyproto.PP2_TYPE_NOOP, Value: make([]byte, padding)},
	}); err != nil {
		return nil, fmt.Errorf("encode PROXY header: %w", err)
	}
	out, err := h.Format()
	if err != nil {
		return nil, fmt.Errorf("encode PROXY header: %w", err)
	}
	const fixed = 16 // signature, version, family, length
	at := fixed + addresses + tlvHeader
	binary.BigEndian.PutUint32(out[at:], crc32.Checksum(out, crc32.MakeTable(crc32.Castagnoli)))
	return out, nil
}
