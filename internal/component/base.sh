#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Finishes the base of container images. Its packages are unpacked but not configured, so what their
# maintainer scripts would do is done here, as far as programs in containers need it.
# usage: base.sh ROOT
set -eu
root=$1

for program in iptables ip6tables; do
	for suffix in '' -save -restore; do
		ln -sf xtables-nft-multi "$root/usr/sbin/$program$suffix"
	done
done
[ -e "$root/bin/sh" ] || ln -s dash "$root/bin/sh"

mkdir -p "$root/etc/ssl/certs"
find "$root/usr/share/ca-certificates" -name '*.crt' | sort | xargs cat >"$root/etc/ssl/certs/ca-certificates.crt"

# Istio's images run as 1337, which iptables rules of the sidecar exempt.
printf 'root:x:0:0:root:/root:/bin/sh\nistio-proxy:x:1337:1337::/home:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nistio-proxy:x:1337:\n' >"$root/etc/group"
chroot "$root" /sbin/ldconfig
rm -rf "$root"/var/cache/* "$root"/var/lib/apt "$root"/var/lib/dpkg "$root"/var/log/*
