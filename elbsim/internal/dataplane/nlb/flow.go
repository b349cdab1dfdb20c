// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package nlb

import (
	"encoding/binary"
	"hash/fnv"
	"net/netip"
)

// flow hashes what identifies a TCP connection: addresses, ports and a sequence number (row 57). The real
// initial sequence number is not visible here; any number that differs between connections does the same.
func flow(client, node netip.AddrPort, sequence uint32) uint64 {
	h := fnv.New64a()
	var numbers [8]byte
	binary.BigEndian.PutUint16(numbers[0:], client.Port())
	binary.BigEndian.PutUint16(numbers[2:], node.Port())
	binary.BigEndian.PutUint32(numbers[4:], sequence)
	for _, part := range [][]byte{client.Addr().AsSlice(), node.Addr().AsSlice(), numbers[:]} {
		_, _ = h.Write(part) // never fails
	}
	return h.Sum64()
}
