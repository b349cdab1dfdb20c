// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package inbound

import (
	"encoding/binary"

	"golang.org/x/net/bpf"
)

// Offsets in an IPv4 packet as a socket filter sees it: loads relative to the network header start at
// networkHeader (linux/filter.h, SKF_NET_OFF).
const (
	networkHeader = 0xfff00000
	sourceOffset  = 12
	accept        = 0xffffffff
)

// program is a classic BPF program for a listening socket: it lets packets of the ranges through and drops all
// others, so that an excluded client's SYN gets no answer at all, which is what AWS does.
func (s Sources) program() ([]bpf.RawInstruction, error) {
	if s.Everyone {
		return bpf.Assemble([]bpf.Instruction{bpf.RetConstant{Val: accept}})
	}
	var out []bpf.Instruction
	for _, p := range s.Ranges {
		if !p.Addr().Is4() {
			continue
		}
		out = append(out,
			bpf.LoadAbsolute{Off: networkHeader + sourceOffset, Size: 4},
			bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: mask(p.Bits())},
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: binary.BigEndian.Uint32(p.Masked().Addr().AsSlice()), SkipTrue: 1},
			bpf.RetConstant{Val: accept})
	}
	return bpf.Assemble(append(out, bpf.RetConstant{Val: 0}))
}

func mask(bits int) uint32 { return uint32(uint64(0xffffffff) << (32 - bits)) }
