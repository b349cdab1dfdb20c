{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.routes.covered: whether a load balancer lets a host in.
Takes: dict "host" string "hosts" list of a load balancer.
Returns: "true" or "".
Example: {{ if include "istio-aws.routes.covered" (dict "host" "a.example.com" "hosts" (list "*.example.com")) }}
*/ -}}
{{- define "istio-aws.routes.covered" -}}
{{- $host := .host -}}
{{- $covered := empty .hosts -}}
{{- range .hosts -}}
{{- if or (eq . $host) (and (hasPrefix "*." .) (hasSuffix (trimPrefix "*" .) $host)) -}}{{- $covered = true -}}{{- end -}}
{{- end -}}
{{- if $covered -}}true{{- end -}}
{{- end }}

{{- /*
istio-aws.routes.common: the hosts that two lists share, the narrower of each pair: istiod makes one virtual host of each.
Takes: dict "hosts" list, "allowed" list; an empty one is every host.
Returns: JSON, list under the key hosts.
Example: {{ (include "istio-aws.routes.common" (dict "hosts" $route.hosts "allowed" $spec.hosts) | fromJson).hosts }}
*/ -}}
{{- define "istio-aws.routes.common" -}}
{{- $common := list -}}
{{- range $host := .hosts | default (list "*") -}}
{{- range $allowed := $.allowed | default (list "*") -}}
{{- if or (eq $allowed "*") (include "istio-aws.routes.covered" (dict "host" $host "hosts" (list $allowed))) -}}
{{- $common = append $common $host -}}
{{- else if or (eq $host "*") (include "istio-aws.routes.covered" (dict "host" $allowed "hosts" (list $host))) -}}
{{- $common = append $common $allowed -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "hosts" (uniq $common) | toJson -}}
{{- end }}

{{- /*
istio-aws.routes.ports: what kind of route each port of a load balancer takes at its gateway. UDP takes none.
Takes: dict "spec" a value of loadBalancers, "lb" its entry in istio-aws.names.loadBalancers.
Returns: JSON, http, tcp and tls -> list of numbers.
Example: {{ if (include "istio-aws.routes.ports" (dict "spec" $spec "lb" $lb) | fromJson).tcp }}
*/ -}}
{{- define "istio-aws.routes.ports" -}}
{{- $ports := dict "http" (list) "tcp" (list) "tls" (list) -}}
{{- if eq .lb.kind "alb" -}}
{{- $_ := set $ports "http" (list 80) -}}
{{- else -}}
{{- range $port := (include "istio-aws.nlb.ports" . | fromJson).ports -}}
{{- $kind := get (dict "HTTP" "http" "TCP" "tcp" "TCP_UDP" "tcp") $port.inside -}}
{{- if and $port.tls (eq $.spec.tls.terminateAt "passthrough") -}}{{- $kind = "tls" -}}{{- end -}}
{{- with $kind -}}{{- $_ := set $ports . (append (get $ports .) (int $port.port)) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $ports -}}
{{- end }}

{{- /*
istio-aws.routes.certified: hosts that the gateway has a certificate for, where TLS ends there on every port for HTTP.
Takes: dict "spec" a value of loadBalancers, "lb" its entry in istio-aws.names.loadBalancers.
Returns: JSON, list under the key hosts, empty when every host can be asked for.
Example: {{ $hosts := (include "istio-aws.routes.certified" (dict "spec" $spec "lb" $lb) | fromJson).hosts }}
*/ -}}
{{- define "istio-aws.routes.certified" -}}
{{- $hosts := list -}}
{{- if and (eq .lb.kind "nlb") (eq .spec.tls.terminateAt "gateway") -}}
{{- $every := false -}}
{{- range .spec.tls.credentials -}}
{{- if .hosts -}}{{- $hosts = concat $hosts .hosts -}}{{- else -}}{{- $every = true -}}{{- end -}}
{{- end -}}
{{- range (include "istio-aws.nlb.ports" . | fromJson).ports -}}
{{- if and (eq .inside "HTTP") (not .tls) -}}{{- $every = true -}}{{- end -}}
{{- end -}}
{{- if $every -}}{{- $hosts = list -}}{{- end -}}
{{- end -}}
{{- dict "hosts" (uniq $hosts) | toJson -}}
{{- end }}

{{- /*
istio-aws.routes.seconds: a number of seconds as Istio's API has durations.
Takes: dict "seconds" number.
Returns: string.
Example: {{ include "istio-aws.routes.seconds" (dict "seconds" 0.5) }} -> 0.5s
*/ -}}
{{- define "istio-aws.routes.seconds" -}}
{{- regexReplaceAll "\\.?0+$" (printf "%.3f" (float64 .seconds)) "" }}s
{{- end }}
