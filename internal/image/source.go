// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package image

import (
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/istio-aws/istio-aws/internal/component"
)

// Source is what images are made from when no registry can be reached.
type Source struct {
	Workload  string // folder of binaries: component.Workload
	Base      string // tar archive: component.Base
	Envoy     string // file
	Bootstrap string // Istio's template of Envoy's bootstrap, a file
}

// istioUser is the user that Istio's images run as; the sidecar's iptables rules exempt it.
const istioUser = "1337:1337"

// FromSource makes every image of [ClusterNames].
func FromSource(v component.Versions, s Source) (map[string]v1.Image, error) {
	base, err := TarLayer(s.Base)
	if err != nil {
		return nil, err
	}
	images := map[string]v1.Image{}
	add := func(ref string, config v1.Config, layers ...v1.Layer) {
		if err == nil {
			images[ref], err = New(config, layers...)
		}
	}
	files := func(files ...File) v1.Layer {
		if err != nil {
			return nil
		}
		var made v1.Layer
		made, err = FilesLayer(files...)
		return made
	}
	binary := func(name, path string) v1.Layer {
		return files(File{Path: path, From: filepath.Join(s.Workload, name), Mode: 0o755})
	}
	entry := func(path, user string) v1.Config { return v1.Config{Entrypoint: []string{path}, User: user} }

	// kubeadm's manifests name programs without a folder, Istio's charts rely on the entry point.
	for _, name := range []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"} {
		path := "/usr/local/bin/" + name
		add(kubernetesHost+name+":"+v.Kubernetes, entry(path, ""), base, binary(name, path))
	}
	add(kubernetesHost+"etcd:"+v.EtcdImage, entry("/usr/local/bin/etcd", ""), base, binary("etcd", "/usr/local/bin/etcd"))
	add(kubernetesHost+"coredns/coredns:"+v.CoreDNS, entry("/coredns", ""), base, binary("coredns", "/coredns"))
	add(kubernetesHost+"pause:"+v.PauseImage, entry("/pause", "65535:65535"), binary("pause", "/pause"))
	const discovery, agent = "/usr/local/bin/pilot-discovery", "/usr/local/bin/pilot-agent"
	add(istioHost+"pilot:"+v.Istio, entry(discovery, istioUser), base, binary("pilot-discovery", discovery))
	proxy := entry(agent, istioUser)
	proxy.Labels = map[string]string{StockEnvoy: "true"}
	add(Proxy(v), proxy, base,
		files(
			File{Path: "/var/lib/istio/envoy/envoy_bootstrap_tmpl.json", From: s.Bootstrap, Mode: 0o644},
			File{Path: "/usr/local/bin/envoy", From: s.Envoy, Mode: 0o755},
		),
		binary("pilot-agent", agent))
	return images, err
}

// Echo makes the images of the echo app from its binary.
func Echo(binary string) (map[string]v1.Image, error) {
	program, err := FilesLayer(File{Path: "/echo", From: binary, Mode: 0o755})
	if err != nil {
		return nil, err
	}
	images := map[string]v1.Image{}
	for _, tag := range EchoTags() {
		img, err := New(v1.Config{Entrypoint: []string{"/echo"}, User: "65534:65534", Env: []string{"VERSION=" + tag}}, program)
		if err != nil {
			return nil, err
		}
		images[EchoRepository+":"+tag] = img
	}
	return images, nil
}
