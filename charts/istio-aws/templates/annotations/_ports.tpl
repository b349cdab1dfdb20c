{{- /* SPDX-License-Identifier: Apache-2.0

Rules of annotations that name a port or a Service: the controller ignores those for one that is not there.
*/ -}}

{{- /*
istio-aws.annotations.service: an annotation for one Service of the Ingress, <start>.<service>.<port>.
Takes: dict "one" "name" "key".
Returns: words.
Example: {{ include "istio-aws.annotations.service" (dict "one" $one "name" $name "key" $key) }}
*/ -}}
{{- define "istio-aws.annotations.service" -}}
{{- $gateway := include "istio-aws.gateway.name" (dict "root" .one.root "alias" .one.lb.alias) -}}
{{- $services := list $gateway -}}
{{- range .one.spec.ingresses }}{{- $services = append $services (printf "%s-%s" $gateway .name) }}{{- end }}
{{- range .one.spec.actions }}{{- range (.forward).to }}{{- with .service }}{{- $services = append $services . }}{{- end }}{{- end }}{{- end }}
{{- $service := trimPrefix (regexFind "^[^<]+" .key) .name | regexFind "^[^.]+" }}
{{- if not (has $service $services) -}}
names the Service {{ $service | quote }}, which no rule forwards to; allowed: {{ join ", " $services }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.port: an annotation for one listener of an NLB, <start>.<port> or <start>.<PROTOCOL>-<port>.
Takes: dict "one" "name" "value" "key".
Returns: words.
Example: {{ include "istio-aws.annotations.port" (dict "one" $one "name" $name "value" $value "key" $key) }}
*/ -}}
{{- define "istio-aws.annotations.port" -}}
{{- $listeners := dict "15021" "TCP" -}}
{{- range (include "istio-aws.nlb.ports" .one | fromJson).ports }}{{- $_ := set $listeners (toString (int .port)) .listener }}{{- end }}
{{- $rest := trimPrefix (regexFind "^[^<]+" .key) .name -}}
{{- $port := regexFind "[0-9]+$" $rest -}}
{{- $protocol := get $listeners $port -}}
{{- $right := contains "<PROTOCOL>" .key | ternary (printf "%s-%s" $protocol $port) $port -}}
{{- if not $protocol -}}
is for port {{ $port | default $rest | quote }}, where nothing listens; allowed: {{ keys $listeners | sortAlpha | join ", " }}
{{- else if ne $rest $right -}}
would do nothing, since the listener on {{ $port }} is {{ $protocol }}; let it end with {{ $right }}
{{- else if hasPrefix "actions." .name }}
{{- include "istio-aws.annotations.forward" . }}
{{- else }}
{{- include "istio-aws.annotations.targetGroup" (dict "one" .one "value" .value "protocols" (list $protocol)) }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.targetGroup: attributes of one port's target group, held to the rules of targetGroupAttributes.
Takes: dict "one" "value", "protocols" of the port.
Returns: words.
Example: {{ include "istio-aws.annotations.targetGroup" (dict "one" $one "value" "a=b" "protocols" (list "TCP")) }}
*/ -}}
{{- define "istio-aws.annotations.targetGroup" -}}
{{- $call := . -}}
{{- $attributes := dict -}}
{{- $bad := "" -}}
{{- range splitList "," .value }}
{{- $pair := regexSplit "=" . 2 }}
{{- if and (eq (len $pair) 2) (trim (first $pair)) }}{{- $_ := set $attributes (trim (first $pair)) (trim (last $pair)) }}{{- else }}{{- $bad = quote . }}{{- end }}
{{- end }}
{{- if $bad -}}
has {{ $bad }}, which is no attribute=value
{{- else }}
{{- range $name, $value := $attributes }}
{{- with include "istio-aws.annotations.attribute" (dict "one" $call.one "level" "targetGroup" "protocols" $call.protocols "beside" $attributes "name" $name "value" $value) | trim -}}
has {{ $name | quote }}, which {{ . }}
{{- break }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.forward: several target groups behind one listener. The controller ignores a key that it does not know, and
stops with a panic when forwardConfig is missing.
Takes: dict "value" JSON.
Returns: words.
Example: {{ include "istio-aws.annotations.forward" (dict "value" $value) }}
*/ -}}
{{- define "istio-aws.annotations.forward" -}}
{{- $action := fromJson .value -}}
{{- $forward := kindIs "map" $action.forwardConfig | ternary $action.forwardConfig dict -}}
{{- $groups := kindIs "slice" $forward.targetGroups | ternary $forward.targetGroups list -}}
{{- $unknown := concat (without (keys $action) "type" "forwardConfig") (without (keys $forward) "baseServiceWeight" "targetGroups" "targetGroupStickinessConfig") -}}
{{- $wrong := "" -}}
{{- range $groups }}
{{- if not (kindIs "map" .) }}{{- $wrong = "an object for each of targetGroups" }}{{- continue }}{{- end }}
{{- $unknown = concat $unknown (without (keys .) "targetGroupARN" "serviceName" "servicePort" "decrypt" "weight") }}
{{- if eq (not .serviceName) (not .targetGroupARN) }}{{- $wrong = "either serviceName or targetGroupARN in each of targetGroups" }}
{{- else if and .serviceName (not .servicePort) }}{{- $wrong = "servicePort beside serviceName" }}
{{- else if not (and (kindIs "float64" .weight) (ge (int .weight) 0) (le (int .weight) 999)) }}{{- $wrong = "a weight of 0 to 999 in each of targetGroups" }}
{{- end }}
{{- end }}
{{- if not (kindIs "float64" $forward.baseServiceWeight) }}{{- $wrong = "forwardConfig.baseServiceWeight, the share of the gateway" }}{{- end -}}
{{- if $action.Error -}}
is no JSON object; write {"type":"forward","forwardConfig":{…}}
{{- else if ne (toString $action.type) "forward" -}}
has type {{ $action.type | default "" | quote }}; allowed: forward
{{- else if $unknown -}}
has {{ first $unknown | quote }}, which the controller does not know and would ignore; remove it, or spell it right
{{- else if not $groups -}}
needs forwardConfig.targetGroups; add those besides the gateway's
{{- else if gt (len $groups) 4 -}}
has {{ len $groups }} targetGroups besides the gateway's; allowed: up to 4
{{- else if $wrong -}}
needs {{ $wrong }}; add it
{{- end }}
{{- end }}

{{- /*
istio-aws.annotations.quic: ports that become QUIC must be there and carry UDP.
Takes: dict "one" "value".
Returns: words.
Example: {{ include "istio-aws.annotations.quic" (dict "one" $one "value" "443") }}
*/ -}}
{{- define "istio-aws.annotations.quic" -}}
{{- $path := .one.path -}}
{{- $udp := list -}}
{{- range (include "istio-aws.nlb.ports" .one | fromJson).ports }}
{{- if hasSuffix "UDP" .listener }}{{- $udp = append (append $udp .name) (toString (int .port)) }}{{- end }}
{{- end }}
{{- range splitList "," .value }}
{{- if not (has (trim .) $udp) -}}
has {{ trim . | quote }}, which is no UDP or TCP_UDP port of {{ $path }}.ports; allowed: {{ join ", " $udp | default "none" }}
{{- break }}
{{- end }}
{{- end }}
{{- end }}
