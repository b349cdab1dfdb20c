{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.ingressProblems: further Ingresses.
Takes: dict "root" "path" "spec" "lb".
Returns: lines.
Example: {{ include "istio-aws.alb.ingressProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.ingressProblems" -}}
{{- $one := . -}}
{{- $spec := .spec -}}
{{- $managed := eq $spec.managedBy "controller" -}}
{{- $gateway := include "istio-aws.gateway.name" (dict "root" .root "alias" .lb.alias) -}}
{{- $names := dict -}}
{{- $lowest := int $spec.group.order -}}
{{- if and $spec.ingresses $managed (not $spec.group.name) }}
- {{ .path }}.ingresses: need {{ .path }}.group.name, else each would get a load balancer of its own; set the name
{{- end }}
{{- range $i, $ingress := $spec.ingresses }}
{{- $path := printf "%s.ingresses[%d]" $one.path $i }}
{{- if hasKey $names $ingress.name }}
- {{ $path }}.name: {{ $ingress.name | quote }} is also the name of {{ $one.path }}.ingresses[{{ get $names $ingress.name }}]; names are used once
{{- else if eq $ingress.name "actions" }}
- {{ $path }}.name: "actions" is the name of the Ingress of {{ $one.path }}.actions; use another name
{{- end }}
{{- $_ := set $names $ingress.name $i }}
{{- $service := printf "%s-%s" $gateway $ingress.name }}
{{- if gt (len $service) 63 }}
- {{ $path }}.name: {{ $ingress.name | quote }} makes {{ $service | quote }} the Service's name, {{ len $service }} characters, and Kubernetes takes 63; shorten it
{{- else if gt (len $ingress.name | add1 | add (len $one.lb.name)) 63 }}
- {{ $path }}.name: {{ $ingress.name | quote }} makes {{ printf "%s-%s" $one.lb.name $ingress.name | quote }} a label of the Ingress, which Kubernetes takes up to 63 characters of; shorten it
{{- end }}
{{- $order := include "istio-aws.alb.order" (dict "spec" $spec "ingress" $ingress) | int }}
{{- $lowest = min $lowest $order }}
{{- if ge $order (int $spec.group.order) }}
- {{ $path }}.order: {{ $order }} puts it behind the gateway's own rules (group.order {{ int $spec.group.order }}), which then take its requests; use a lower one
{{- else if lt $order -1000 }}
- {{ $one.path }}.group.order: {{ int $spec.group.order }} is the first place, and {{ $path }} needs one before it; raise {{ $one.path }}.group.order
{{- end }}
{{- range $ingress.hosts }}
{{- if not (include "istio-aws.routes.covered" (dict "host" . "hosts" $spec.hosts)) }}
- {{ $path }}.hosts: {{ . | quote }} is not let in by {{ $one.path }}.hosts {{ toJson $spec.hosts }}, so the gateway would answer 404; add it there
{{- end }}
{{- end }}
{{- include "istio-aws.alb.matchProblems" (dict "path" $path "spec" $spec "item" $ingress) }}
{{- $version := $ingress.version | default $spec.backend.version }}
{{- if $ingress.version }}{{ include "istio-aws.alb.versionProblems" (merge (dict "at" (print $path ".version") "version" $version) $one) }}{{ end }}
{{- include "istio-aws.alb.codeProblems" (dict "at" (print $path ".successCodes") "version" $version "codes" ($ingress.successCodes | default "")) }}
{{- $signIn := ne $spec.authentication.type "none" }}
{{- if hasKey $ingress "authenticate" }}
{{- if not (or $signIn $spec.jwtValidation.jwksEndpoint) }}
- {{ $path }}.authenticate: {{ $ingress.authenticate }} has no effect, since neither {{ $one.path }}.authentication.type nor {{ $one.path }}.jwtValidation is set; take it out
{{- end }}
{{- end }}
{{- if and $signIn (eq $version "GRPC") (ne (toString $ingress.authenticate) "false") }}
- {{ $path }}.authenticate: is not false, but {{ $one.path }}.authentication.type {{ $spec.authentication.type | quote }} redirects browsers, which gRPC clients are not; set it to false
{{- end }}
{{- end }}
{{- if and $managed $spec.ingresses $spec.actions (eq (int $lowest) -1000) }}
- {{ .path }}.ingresses: begin at order -1000, and the actions need a place ahead of that; raise the order
{{- end }}
{{- end }}
