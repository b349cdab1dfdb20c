#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run on a node: what pods and node answer to a connection that came from the load balancer simulator goes back to
# it, whomever the connection is from. The simulator connects in the names of clients where AWS preserves client IP
# addresses, and in AWS, too, it is the network that brings the answers back. Can be run again.
# usage: returnroute.sh ELBSIM_ADDRESS ELBSIM_MAC
set -eu
address=$1 mac=$2
# One bit beside those that kube-proxy uses. It is kept with the connection and set on answers only, so that what
# goes on to the target, perhaps through another node, does not come back.
mark=0x100000/0x100000 table=235

rule() {
	iptables -w -t mangle -C "$@" 2>/dev/null || iptables -w -t mangle -A "$@"
}
rule PREROUTING -m mac --mac-source "$mac" -m conntrack --ctdir ORIGINAL -j CONNMARK --set-xmark "$mark"
for chain in PREROUTING OUTPUT; do
	rule "$chain" -m conntrack --ctdir REPLY -j CONNMARK --restore-mark --mask "${mark#*/}"
done
ip route replace default via "$address" table "$table"
ip rule del priority "$table" 2>/dev/null || true
ip rule add fwmark "$mark" lookup "$table" priority "$table"
# A client may be a pod of this very node: its packets come from where the way to it does not lead.
echo 2 >/proc/sys/net/ipv4/conf/eth0/rp_filter
