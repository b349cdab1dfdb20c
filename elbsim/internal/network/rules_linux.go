// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package network

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// rulePriority is the place of the rule that delivers targets' answers: ahead of the main table's.
const rulePriority = 235

// rules are what the kernel does with packets that addresses and routes alone would not make it do:
//
//   - A packet to the pool for which no socket has been bound to its very address gets no answer, where the
//     kernel would refuse (row 59). Other programs of this machine that listen on all addresses are not seen
//     on the load balancers' either.
//   - A target's answer to a connection that was opened in a client's name is delivered to its socket, though
//     the address is not this machine's (row 60).
//
// Both ask the kernel for the socket, so there is nothing to keep up to date. Marks and routing table are
// numbered by the pool, so that several pools in a network namespace stay apart.
type rules struct{ pool netip.Prefix }

func (r rules) table() *nftables.Table {
	return &nftables.Table{Family: nftables.TableFamilyIPv4, Name: "elbsim-" + strings.ReplaceAll(r.pool.String(), "/", "-")}
}

func (r rules) number() uint32 { return binary.BigEndian.Uint32(r.pool.Addr().AsSlice()) }

// set puts the rules in place of those of an earlier run.
func (r rules) set() error {
	if err := r.clear(); err != nil {
		return err
	}
	if err := r.setFilter(); err != nil {
		return fmt.Errorf("add nftables table %s: %w", r.table().Name, err)
	}
	if err := netlink.RouteReplace(r.delivery()); err != nil {
		return fmt.Errorf("add local route to table %#x: %w", r.number(), err)
	}
	if err := netlink.RuleAdd(r.rule()); err != nil {
		return fmt.Errorf("add rule for table %#x: %w", r.number(), err)
	}
	return nil
}

// clear takes away whatever of the rules there is.
func (r rules) clear() error {
	var errs []error
	found, err := netlink.RuleListFiltered(syscall.AF_INET, &netlink.Rule{Table: int(r.number())}, netlink.RT_FILTER_TABLE)
	if err != nil {
		return fmt.Errorf("list rules: %w", err)
	}
	for range found {
		if err := netlink.RuleDel(r.rule()); err != nil {
			errs = append(errs, fmt.Errorf("remove rule for table %#x: %w", r.number(), err))
		}
	}
	if err := netlink.RouteDel(r.delivery()); err != nil && !errors.Is(err, syscall.ESRCH) {
		errs = append(errs, fmt.Errorf("remove local route from table %#x: %w", r.number(), err))
	}
	conn, err := nftables.New()
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("open nftables: %w", err))...)
	}
	tables, err := conn.ListTablesOfFamily(nftables.TableFamilyIPv4)
	if err != nil {
		errs = append(errs, fmt.Errorf("list nftables tables: %w", err))
	}
	for _, t := range tables {
		if t.Name == r.table().Name {
			conn.DelTable(t)
		}
	}
	if err := conn.Flush(); err != nil {
		errs = append(errs, fmt.Errorf("remove nftables table %s: %w", r.table().Name, err))
	}
	return errors.Join(errs...)
}

// rule sends marked packets to the table that delivers them here.
func (r rules) rule() *netlink.Rule {
	rule := netlink.NewRule()
	rule.Family, rule.Priority, rule.Mark, rule.Table, rule.Protocol = syscall.AF_INET, rulePriority, r.number(), int(r.number()), uint8(protocol)
	return rule
}

// delivery makes every address this machine's, for packets that come by the rule.
func (r rules) delivery() *netlink.Route {
	return &netlink.Route{Table: int(r.number()), Type: unix.RTN_LOCAL, Scope: netlink.SCOPE_HOST, LinkIndex: 1, // lo
		Dst: &net.IPNet{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, Protocol: protocol}
}

func (r rules) setFilter() error {
	conn, err := nftables.New()
	if err != nil {
		return err
	}
	table := conn.AddTable(r.table())
	prerouting := conn.AddChain(&nftables.Chain{Name: "prerouting", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityMangle})
	conn.AddRule(&nftables.Rule{Table: table, Chain: prerouting, Exprs: r.toPool(expr.CmpOpNeq,
		&expr.Socket{Key: expr.SocketKeyTransparent, Register: 1}, is(1),
		&expr.Immediate{Register: 1, Data: binaryutil.NativeEndian.PutUint32(r.number())},
		&expr.Meta{Key: expr.MetaKeyMARK, SourceRegister: true, Register: 1},
	)})
	input := conn.AddChain(&nftables.Chain{Name: "input", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter})
	// A wildcard socket listens on all addresses. The second rule matches any socket, and none if there is none;
	// which key it loads does not matter, but only this one is there for connections that begin or end.
	conn.AddRule(&nftables.Rule{Table: table, Chain: input, Exprs: r.toPool(expr.CmpOpEq,
		&expr.Socket{Key: expr.SocketKeyWildcard, Register: 1}, is(1), &expr.Verdict{Kind: expr.VerdictDrop})})
	conn.AddRule(&nftables.Rule{Table: table, Chain: input, Exprs: r.toPool(expr.CmpOpEq,
		&expr.Socket{Key: expr.SocketKeyTransparent, Register: 1}, &expr.Verdict{Kind: expr.VerdictAccept})})
	for _, transport := range []byte{unix.IPPROTO_TCP, unix.IPPROTO_UDP} {
		conn.AddRule(&nftables.Rule{Table: table, Chain: input, Exprs: r.toPool(expr.CmpOpEq,
			&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1}, is(transport), &expr.Verdict{Kind: expr.VerdictDrop})})
	}
	return conn.Flush()
}

// toPool is a rule for packets to the pool, or with CmpOpNeq for all others.
func (r rules) toPool(op expr.CmpOp, then ...expr.Any) []expr.Any {
	const destination = 16 // offset in an IPv4 header
	return append([]expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: destination, Len: 4},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: net.CIDRMask(r.pool.Bits(), 32), Xor: make([]byte, 4)},
		&expr.Cmp{Op: op, Register: 1, Data: r.pool.Addr().AsSlice()},
	}, then...)
}

// is compares the one byte that was loaded last.
func is(value byte) expr.Any { return &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{value}} }
