{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.literalPathProblems: what Kubernetes refuses in paths of pathType Prefix and Exact, and the characters that AWS does not take
in a path that is no regular expression.
Takes: dict "path" of the value, "literal" a path in it.
Returns: lines.
Example: {{ include "istio-aws.alb.literalPathProblems" (dict "path" "loadBalancers.albPublic.actions[0].paths" "literal" "/a") }}
*/ -}}
{{- define "istio-aws.alb.literalPathProblems" -}}
{{- $strangers := regexReplaceAll "[-A-Za-z0-9_.$/~\"'@:+&*?]" .literal "" }}
{{- if regexMatch "//|/[.][.]?(/|$)" .literal }}
- {{ .path }}: {{ .literal | quote }} has //, /./ or /../, and Kubernetes refuses such a path; write what it amounts to
{{- else if $strangers }}
- {{ .path }}: {{ .literal | quote }} has {{ $strangers | quote }}, and AWS takes letters, digits and _-.$/~"'@:+& in a path; take it out, or match the path in conditions.pathRegex or in a route
{{- end }}
{{- end }}
