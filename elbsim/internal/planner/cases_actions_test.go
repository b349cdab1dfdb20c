// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

package planner_test

// actionCases are those of backends, actions, conditions and transforms of an Ingress.
var actionCases = []measured{
	{"I actions.x missing annotation (use-annotation)", nodePorts + ingress("web", "x", "name: use-annotation"), "internal HTTP:80 |  | fixed-response app.example.com /*", []string{"annotation alb.ingress.kubernetes.io/actions.x is missing"}},
	{"I backend service missing", nodePorts + ingress("web", "gone", "name: http"), "internal HTTP:80 |  | fixed-response app.example.com /*", []string{"Service default/gone is not among the manifests"}},
	{"I backend port number missing", nodePorts + ingress("web", "web", "number: 81"), "model: unable to find port 81 on service default/web", nil},
	{"I backend = targetPort number", nodePorts + ingress("web", "web", "name: nosuch"), "model: unable to find port nosuch on service default/web", nil},
	{"I actions bad json", action("{bad"), "model: failed to parse json annotation, alb.ingress.kubernetes.io/actions.x: {bad: invalid character 'b' looking for beginning of object key string", nil},
	{"I actions unknown type", action(`{"type":"weird"}`), "model: unknown action type: weird", nil},
	{"I actions upper-case keys (v1 style)", action(`{"Type":"redirect","RedirectConfig":{"Protocol":"HTTPS","Port":"443","StatusCode":"HTTP_301"}}`), "internal HTTP:80 |  | redirect app.example.com /*", nil},
	{"I actions unknown field (typo)", action(`{"type":"fixed-response","fixedResponseConfig":{"statusCode":"503","mesageBody":"away"}}`), "internal HTTP:80 |  | fixed-response app.example.com /*", []string{`annotation alb.ingress.kubernetes.io/actions.x has the unknown field "mesageBody", which the controller drops`}},
	{"I actions fixed-response numeric statusCode", action(`{"type":"fixed-response","fixedResponseConfig":{"statusCode":503}}`), `model: failed to parse json annotation, alb.ingress.kubernetes.io/actions.x: {"type":"fixed-response","fixedResponseConfig":{"statusCode":503}}: json: cannot unmarshal number into Go struct field FixedResponseActionConfig.fixedResponseConfig`, nil},
	{"I actions redirect w/out statusCode", action(`{"type":"redirect","redirectConfig":{"port":"443"}}`), "model: invalid RedirectConfig: statusCode is required", nil},
	{"I actions redirect numeric port", action(`{"type":"redirect","redirectConfig":{"port":443,"statusCode":"HTTP_301"}}`), `model: failed to parse json annotation, alb.ingress.kubernetes.io/actions.x: {"type":"redirect","redirectConfig":{"port":443,"statusCode":"HTTP_301"}}: json: cannot unmarshal number into Go struct field RedirectActionConfig.redirectConfig.po`, nil},
	{"I actions forward 2 TGs no weight", action(`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web","servicePort":80},{"serviceName":"web","servicePort":9000}]}}`), "model: invalid ForwardConfig: weight must be set when route to multiple target groups", nil},
	{"I actions forward servicePort missing", action(`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web"}]}}`), "model: invalid ForwardConfig: invalid TargetGroupTuple: missing servicePort", nil},
	{"I actions forward empty TGs", action(`{"type":"forward","forwardConfig":{"targetGroups":[]}}`), "AWS: failed to create listener rule: operation error Elastic Load Balancing v2: CreateRule, api error ValidationError: A target group must be specified", nil},
	{"I actions forward missing svc in 2", action(`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web","servicePort":80,"weight":1},{"serviceName":"gone","servicePort":80,"weight":1}]}}`), `model: services "gone" not found`, nil},
	{"I actions string servicePort '80'", action(`{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web","servicePort":"80"}]}}`), plain, nil},
	{"I actions targetGroupName unknown", action(`{"type":"forward","targetGroupName":"nope"}`), "AWS: searching TargetGroup with name nope: operation error Elastic Load Balancing v2: DescribeTargetGroups, TargetGroupNotFound: One or more target groups not found", nil},
	{"I conditions bad json", site("conditions.web", "[{bad"), "admission: failed to parse json annotation, alb.ingress.kubernetes.io/conditions.web: [{bad: invalid character 'b' looking for beginning of object key string", nil},
	{"I conditions unknown field (typo'd)", site("conditions.web", `[{"field":"source-ipp","sourceIpConfigg":{"values":["10.0.0.0/8"]}}]`), plain, []string{`annotation alb.ingress.kubernetes.io/conditions.web has the unknown field "sourceIpConfigg"`, `a condition on "source-ipp" is dropped, so the rule also matches what it was to keep out; write one of host-header, path-pattern`}},
	{"I conditions empty values", site("conditions.web", `[{"field":"path-pattern","pathPatternConfig":{}}]`), "admission: ignoring Ingress default/web since invalid alb.ingress.kubernetes.io/conditions.web annotation: invalid pathPatternConfig: values or regexValues must be specified", nil},
	{"I conditions single object not list", site("conditions.web", `{"field":"source-ip","sourceIPConfig":{"values":["10.0.0.0/8"]}}`), `admission: failed to parse json annotation, alb.ingress.kubernetes.io/conditions.web: {"field":"source-ip","sourceIPConfig":{"values":["10.0.0.0/8"]}}: json: cannot unmarshal object into Go value of type []ingress.RuleCondition`, nil},
	{"I conditions host regex + rule host", site("conditions.web", `[{"field":"host-header","hostHeaderConfig":{"regexValues":["^a"]}}]`), "model: host condition must specify exactly one of Values and RegexValues, got both Values [app.example.com] and RegexValues [^a]", nil},
	{"I transforms unknown type", site("transforms.web", `[{"type":"path"}]`), "model: unknown transform type: path", nil},
}
