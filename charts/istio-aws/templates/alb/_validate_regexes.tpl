{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- /*
istio-aws.alb.regexProblems: AWS's regular expressions know neither lookaround nor backreferences, and those of Go, which check them here, do
not either. A replacement names groups of the expression.
Takes: dict "path" of the action, "action".
Returns: lines.
Example: {{ include "istio-aws.alb.regexProblems" (dict "path" $path "action" $action) }}
*/ -}}
{{- define "istio-aws.alb.regexProblems" -}}
{{- $conditions := .action.conditions | default dict -}}
{{- $all := dict -}}
{{- range $key, $values := pick $conditions "hostRegex" "pathRegex" -}}{{- $_ := set $all (print "conditions." $key) $values -}}{{- end -}}
{{- range $name, $values := $conditions.headerRegex -}}{{- $_ := set $all (print "conditions.headerRegex." $name) $values -}}{{- end -}}
{{- range $key, $rewrites := .action.transforms -}}
{{- range $rewrites -}}{{- $_ := set $all (printf "transforms.%s[0].regex" $key) (list .regex) -}}{{- end -}}
{{- end -}}
{{- range $key, $values := $all }}
{{- range $values }}
{{- /* An alternative that is empty matches anything, unless the whole is no expression. */ -}}
{{- if not (regexMatch (print . "|") "") }}
- {{ $.path }}.{{ $key }}: {{ . | quote }} is no regular expression that AWS takes; close its brackets, and use neither lookaround nor backreferences
{{- end }}
{{- end }}
{{- end }}
{{- range $key, $rewrites := .action.transforms }}
{{- range $rewrites }}
{{- $plain := regexReplaceAll "\\[[^\\]]*\\]" (regexReplaceAll "\\\\." .regex "") "" }}
{{- $groups := len (regexFindAll "\\(([^?]|\\?P?<[A-Za-z]|$)" $plain -1) }}
{{- range regexFindAll "\\$[0-9]" (regexReplaceAll "\\\\." .replace "") -1 | uniq }}
{{- if gt (trimPrefix "$" . | int) $groups }}
- {{ $.path }}.transforms.{{ $key }}[0].replace: {{ . | quote }} stands for a group that the expression lacks, it has {{ $groups }}; put brackets round what it is to be
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
