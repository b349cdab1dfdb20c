// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/fnv"
	"net/netip"
)

// protocol is the number of a transport protocol in an IP header.
type protocol byte

const (
	tcp protocol = 6
	udp protocol = 17
)

// flow hashes what identifies a flow: protocol, addresses, ports and for TCP a sequence number (row 57). The real
// initial sequence number is not visible here; any number that differs between connections does the same. UDP
// has none, so that the packets of one client's port stay together.
func flow(p protocol, client, node netip.AddrPort, sequence uint32) uint64 {
	h := fnv.New64a()
	numbers := [9]byte{8: byte(p)}
	binary.BigEndian.PutUint16(numbers[0:], client.Port())
	binary.BigEndian.PutUint16(numbers[2:], node.Port())
	binary.BigEndian.PutUint32(numbers[4:], sequence)
	for _, part := range [][]byte{client.Addr().AsSlice(), node.Addr().AsSlice(), numbers[:]} {
		_, _ = h.Write(part) // never fails
	}
	return h.Sum64()
}

// bySource hashes what stays the same for all flows of a client (row 72, stickiness of type source_ip).
func bySource(client netip.Addr) uint64 {
	sum := sha256.Sum256(client.AsSlice()) // neighbours in a network must differ in all bits
	return binary.BigEndian.Uint64(sum[:])
}
