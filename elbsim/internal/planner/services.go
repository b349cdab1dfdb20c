// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The range of node ports, by the API server's default.
const (
	minNodePort = 30000
	maxNodePort = 32767
)

// uid is the same for the same object in every plan.
func uid(name string) types.UID {
	h := sha256.Sum256([]byte(name))
	return types.UID(fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16]))
}

// nodePorts hands out numbers in place of the node ports that Kubernetes will choose. They are such
// as no manifest mentions, so each stands for an unknown port and for nothing else.
type nodePorts struct {
	mentioned map[int32]bool
	given     map[int32]bool
	byOwner   map[string]int32 // a Service keeps what it was given
	next      int32
}

// take gives owner its port; 0 when all are used up.
func (n *nodePorts) take(owner string) int32 {
	if port, kept := n.byOwner[owner]; kept {
		return port
	}
	for ; n.next > 1024; n.next-- {
		if !n.mentioned[n.next] {
			n.given[n.next], n.byOwner[owner] = true, n.next
			n.next--
			return n.next + 1
		}
	}
	return 0
}

var number = regexp.MustCompile(`[0-9]{4,5}`)

func (n *nodePorts) mention(port int32) { n.mentioned[port] = true }

// isGiven says of a port that it merely stands for one that Kubernetes will choose.
func (n *nodePorts) isGiven(port int32) bool { return n.given[port] }

// completeServices gives Services what the API server gives them, with numbers that stand for node ports yet to be
// chosen.
func (p *plan) completeServices() {
	if p.former != nil {
		p.unknown = p.former.unknown
	} else {
		p.unknown = &nodePorts{mentioned: map[int32]bool{}, given: map[int32]bool{}, byOwner: map[string]int32{}, next: 65535}
	}
	ports := p.unknown
	for _, o := range p.objects {
		for _, v := range o.GetAnnotations() {
			for _, digits := range number.FindAllString(v, -1) {
				if port, err := strconv.ParseInt(digits, 10, 32); err == nil {
					ports.mention(int32(port))
				}
			}
		}
		if s, ok := o.Object.(*corev1.Service); ok {
			ports.mention(s.Spec.HealthCheckNodePort)
			for _, port := range s.Spec.Ports {
				ports.mention(port.Port)
				ports.mention(port.NodePort)
				ports.mention(port.TargetPort.IntVal)
			}
		}
	}
	for _, o := range p.objects {
		if s, ok := o.Object.(*corev1.Service); ok {
			completeService(s, ports)
		}
	}
}

func completeService(s *corev1.Service, ports *nodePorts) {
	owner := s.Namespace + "/" + s.Name
	if s.Spec.Type == "" {
		s.Spec.Type = corev1.ServiceTypeClusterIP
	}
	if s.Spec.SessionAffinity == "" {
		s.Spec.SessionAffinity = corev1.ServiceAffinityNone
	}
	if len(s.Spec.IPFamilies) == 0 && s.Spec.Type != corev1.ServiceTypeExternalName {
		s.Spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
	}
	balanced := s.Spec.Type == corev1.ServiceTypeLoadBalancer
	external := balanced || s.Spec.Type == corev1.ServiceTypeNodePort
	if external && s.Spec.ExternalTrafficPolicy == "" {
		s.Spec.ExternalTrafficPolicy = corev1.ServiceExternalTrafficPolicyCluster
	}
	if balanced && s.Spec.AllocateLoadBalancerNodePorts == nil {
		yes := true
		s.Spec.AllocateLoadBalancerNodePorts = &yes
	}
	if balanced && s.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal && s.Spec.HealthCheckNodePort == 0 {
		s.Spec.HealthCheckNodePort = ports.take(owner + " health check")
	}
	allocate := external && (!balanced || *s.Spec.AllocateLoadBalancerNodePorts)
	for i := range s.Spec.Ports {
		port := &s.Spec.Ports[i]
		if port.Protocol == "" {
			port.Protocol = corev1.ProtocolTCP
		}
		if port.TargetPort == (intstr.IntOrString{}) || port.TargetPort == intstr.FromString("") {
			port.TargetPort = intstr.FromInt32(port.Port)
		}
		if allocate && port.NodePort == 0 {
			port.NodePort = ports.take(fmt.Sprintf("%s %s %d", owner, port.Protocol, port.Port))
		}
	}
}
