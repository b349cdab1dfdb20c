#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Keeps what comes from a bridge from going anywhere but to that bridge. Needs Docker's chain
# DOCKER-USER, which is in the nft or the legacy tables, as the host has it.
# usage: fence.sh up|down BRIDGE
set -eu
action=$1 bridge=$2

for iptables in iptables-nft iptables-legacy none; do
	[ "$iptables" = none ] || "$iptables" -w -n -L DOCKER-USER >/dev/null 2>&1 || continue
	break
done
if [ "$iptables" = none ]; then
	[ "$action" = up ] || exit 0
	echo "Docker has no iptables chain DOCKER-USER on this machine: run dockerd with --iptables=true" >&2
	exit 1
fi

rule() {
	"$iptables" -w "$@"
}
each() { # flag: reset TCP so that clients fail at once, reject the rest
	rule "$1" DOCKER-USER -i "$bridge" ! -o "$bridge" -j REJECT
	rule "$1" DOCKER-USER -i "$bridge" ! -o "$bridge" -p tcp -j REJECT --reject-with tcp-reset
}
while each -D >/dev/null 2>&1; do :; done
if [ "$action" = up ]; then
	each -I
fi
