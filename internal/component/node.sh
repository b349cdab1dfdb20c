#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Finishes the operating system of a node: systemd that starts nothing but what a node needs, as the
# Dockerfile of kind's base image does it.
# usage: node.sh ROOT
set -eu
root=$1

rm -f "$root"/lib/systemd/system/multi-user.target.wants/* "$root"/etc/systemd/system/*.wants/* \
	"$root"/lib/systemd/system/local-fs.target.wants/* "$root"/lib/systemd/system/basic.target.wants/* \
	"$root"/lib/systemd/system/sockets.target.wants/*udev* "$root"/lib/systemd/system/sockets.target.wants/*initctl* \
	"$root"/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service
echo ReadKMsg=no >>"$root/etc/systemd/journald.conf"
ln -sf /dev/null "$root/etc/systemd/system/systemd-binfmt.service"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
for unit in containerd kubelet undo-mount-hacks; do
	ln -sf "/etc/systemd/system/$unit.service" "$root/etc/systemd/system/multi-user.target.wants/$unit.service"
done
[ -e "$root/sbin/init" ] || ln -s /usr/lib/systemd/systemd "$root/sbin/init"

mkdir -p "$root/opt/cni/bin" "$root/etc/kubernetes/manifests" "$root/kind/manifests"
for plugin in host-local loopback ptp portmap; do
	cp "$root/usr/lib/cni/$plugin" "$root/opt/cni/bin/"
done
rm -rf "$root"/usr/lib/cni "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*
