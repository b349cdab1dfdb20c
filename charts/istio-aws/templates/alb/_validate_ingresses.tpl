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
{{- end }}
{{- $order := include "istio-aws.alb.order" (dict "spec" $spec "ingress" $ingress) | int }}
{{- $lowest = min $lowest $order }}
{{- if ge $order (int $spec.group.order) }}
- {{ $path }}.order: {{ $order }} puts it behind the gateway's own rules (group.order {{ int $spec.group.order }}), which then take its requests; use a lower one
{{- else if lt $order -1000 }}
- {{ $path }}.order: {{ $order }} is before the first place; allowed: -1000 to {{ sub (int $spec.group.order) 1 }}
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

{{- /*
istio-aws.alb.unmanagedProblems: values that do nothing when the load balancer is made elsewhere.
Takes: dict "path" "spec".
Returns: lines.
Example: {{ include "istio-aws.alb.unmanagedProblems" $one }}
*/ -}}
{{- define "istio-aws.alb.unmanagedProblems" -}}
{{- $path := .path -}}
{{- $spec := .spec -}}
{{- $defaults := dict "name" "" "group.name" "" "ipAddressType" "ipv4" "subnets" list "inboundCIDRs" list "prefixLists" list
    "defaultBackend" "none" "listeners" list "tls.certificateArns" list "tls.discoverCertificates" false "tls.redirectHTTP" true
    "tls.policy" "ELBSecurityPolicy-TLS13-1-2-2021-06" "tls.clientCertificates.mode" "none" "dropInvalidHeaders" false "deletionProtection" false
    "accessLogs.bucket" "" "accessLogs.prefix" "" "waf.webACLArn" "" "shieldAdvanced" "default" "authentication.type" "none"
    "jwtValidation.jwksEndpoint" "" "actions" list "canary.service" "" "frontendNLB.enabled" false "tags" dict "attributes" dict -}}
{{- /* Of a target group made elsewhere its own maker decides; without one, a load balancer of another release may read these. */ -}}
{{- $group := dict "healthCheck.through" "status" "healthCheck.successCodes" "" "healthCheck.intervalSeconds" 15 "healthCheck.timeoutSeconds" 5
    "healthCheck.healthyThreshold" 2 "healthCheck.unhealthyThreshold" 2 "algorithm" "round_robin" "slowStartSeconds" 0 "stickiness.enabled" false
    "targetGroupAttributes" dict -}}
{{- range $key, $default := $defaults }}
{{- if ne (include "istio-aws.alb.valueAt" (dict "spec" $spec "key" $key)) (toJson $default) }}
- {{ $path }}.{{ $key }}: has no effect, since managedBy is "none"; take it out, and set it where the load balancer is made
{{- end }}
{{- end }}
{{- if $spec.backend.targetGroupARN }}
{{- range $key, $default := $group }}
{{- if ne (include "istio-aws.alb.valueAt" (dict "spec" $spec "key" $key)) (toJson $default) }}
- {{ $path }}.{{ $key }}: has no effect on {{ $path }}.backend.targetGroupARN; take it out, and set it where the target group is made
{{- end }}
{{- end }}
{{- if $spec.ingresses }}
- {{ $path }}.ingresses: have no effect beside {{ $path }}.backend.targetGroupARN; take them out
{{- end }}
{{- else if or $spec.securityGroups (not $spec.manageBackendRules) }}
- {{ $path }}.{{ $spec.securityGroups | empty | ternary "manageBackendRules" "securityGroups" }}: has no effect without {{ $path }}.backend.targetGroupARN, since nothing else opens the nodes; take it out
{{- end }}
{{- range $spec.securityGroups }}
{{- if not (hasPrefix "sg-" .) }}
- {{ $path }}.securityGroups: {{ . | quote }} is no ID (sg-…), and with managedBy "none" nothing looks up names; write the ID
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.alb.valueAt: one value below a load balancer.
Takes: dict "spec" "key" its path.
Returns: JSON.
Example: {{ include "istio-aws.alb.valueAt" (dict "spec" $spec "key" "waf.webACLArn") }}
*/ -}}
{{- define "istio-aws.alb.valueAt" -}}
{{- $value := .spec -}}
{{- range splitList "." .key -}}{{- $value = get $value . -}}{{- end -}}
{{- toJson $value -}}
{{- end }}
