{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.listeners: the listeners of an ALB, with what follows from them.
Takes: dict "spec" a value of loadBalancers.
Returns: JSON {all: [{protocol, port, attributes}], http: [ports], https: [ports], redirect: port that HTTP is sent to, 0 for none,
rules: how many listeners carry rules; one that only redirects has none}.
Example: {{ $listeners := include "istio-aws.alb.listeners" (dict "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.listeners" -}}
{{- $tls := .spec.tls -}}
{{- $all := .spec.listeners -}}
{{- if not $all -}}
{{- $all = list (dict "protocol" "HTTP" "port" 80) -}}
{{- if or $tls.certificateArns $tls.discoverCertificates -}}{{- $all = append $all (dict "protocol" "HTTPS" "port" 443) -}}{{- end -}}
{{- end -}}
{{- $http := list -}}
{{- $https := list -}}
{{- range $all -}}
{{- if eq .protocol "HTTP" -}}{{- $http = append $http (int .port) -}}{{- else -}}{{- $https = append $https (int .port) -}}{{- end -}}
{{- end -}}
{{- $redirect := 0 -}}
{{- if and $tls.redirectHTTP $http $https -}}{{- $redirect = has 443 $https | ternary 443 (first $https) -}}{{- end -}}
{{- $rules := len $https -}}
{{- if not $redirect -}}{{- $rules = add $rules (len $http) -}}{{- end -}}
{{- dict "all" $all "http" $http "https" $https "redirect" $redirect "rules" $rules | toJson -}}
{{- end }}

{{- /*
istio-aws.alb.listenerAnnotations: listeners, as every Ingress of a load balancer has to name them.
Takes: dict "root" $ "spec".
Returns: JSON map, annotation without prefix -> text.
Example: {{ include "istio-aws.alb.listenerAnnotations" (dict "root" $ "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.listenerAnnotations" -}}
{{- $ports := list -}}
{{- range (include "istio-aws.alb.listeners" . | fromJson).all -}}{{- $ports = append $ports (dict .protocol (int .port)) -}}{{- end -}}
{{- $a := dict "listen-ports" (toJson $ports) -}}
{{- if and .spec.tls.certificateArns (ne .root.Values.controller "eks-auto-mode") -}}
{{- $_ := set $a "certificate-arn" (join "," .spec.tls.certificateArns) -}}
{{- end -}}
{{- toJson $a -}}
{{- end }}

{{- /*
istio-aws.alb.sharedListenerAnnotations: what all Ingresses of a load balancer must agree on about listeners, so that one says it.
Takes: dict "spec".
Returns: JSON map, annotation without prefix -> text.
Example: {{ include "istio-aws.alb.sharedListenerAnnotations" (dict "spec" $spec) | fromJson }}
*/ -}}
{{- define "istio-aws.alb.sharedListenerAnnotations" -}}
{{- $tls := .spec.tls -}}
{{- $listeners := include "istio-aws.alb.listeners" . | fromJson -}}
{{- $a := dict -}}
{{- if $listeners.https -}}{{- $_ := set $a "ssl-policy" $tls.policy -}}{{- end -}}
{{- with $listeners.redirect | int -}}{{- $_ := set $a "ssl-redirect" (toString .) -}}{{- end -}}
{{- range $listeners.all -}}
{{- $name := printf "listener-attributes.%s-%d" .protocol (int .port) -}}
{{- with .attributes -}}{{- $_ := set $a $name (include "istio-aws.names.stringMap" (dict "map" .)) -}}{{- end -}}
{{- end -}}
{{- $client := $tls.clientCertificates -}}
{{- if ne $client.mode "none" -}}
{{- $entries := list -}}
{{- range $listeners.https -}}
{{- $entry := dict "port" (int .) "mode" (eq $client.mode "disable" | ternary "off" $client.mode) -}}
{{- if eq $client.mode "verify" -}}
{{- $_ := set $entry "trustStore" $client.trustStore -}}
{{- $_ := set $entry "ignoreClientCertificateExpiry" $client.ignoreExpiry -}}
{{- $_ := set $entry "advertiseTrustStoreCaNames" ($client.advertiseAuthorities | ternary "on" "off") -}}
{{- end -}}
{{- $entries = append $entries $entry -}}
{{- end -}}
{{- $_ := set $a "mutual-authentication" (toRawJson $entries) -}}
{{- end -}}
{{- toJson $a -}}
{{- end }}
