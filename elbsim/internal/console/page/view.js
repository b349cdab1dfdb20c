// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// The parts of the page.

import { h, s } from "./dom.js";
import { address, rules, symbol, targets, trouble } from "./model.js";
import { picture } from "./picture.js";
import { action, bytes, clock, condition, number, plural } from "./words.js";

/** summary is all load balancers in one line. */
export function summary(lbs, view, traffic) {
  const all = lbs.flatMap(targets);
  const healthy = all.filter((t) => t.health.state === "healthy").length;
  const rate = traffic.loadBalancers.reduce((sum, lb) => sum + lb.rate, 0);
  const failed = traffic.loadBalancers.reduce((sum, lb) => sum + lb.failuresPerSecond.reduce((a, b) => a + b, 0), 0);
  const figure = (value, label, tone) => h("div", { class: `figure ${tone ?? ""}`, "data-key": label }, h("b", null, value), h("span", null, label));
  return h("section", { class: "summary", "aria-label": "Summary", "data-key": "summary" },
    figure(lbs.length, lbs.length === 1 ? "load balancer" : "load balancers"),
    figure(`${healthy}/${all.length}`, "targets healthy", healthy < all.length ? "bad" : ""),
    figure(number(rate), "per second"),
    figure(number(failed), "failures in a minute", failed ? "bad" : ""));
}

/** nothing says what to do first. */
export function nothing() {
  return h("section", { class: "card nothing", "data-key": "nothing" },
    h("h2", null, "No load balancers yet"),
    h("p", null, "Load balancers come from the cluster. Give it one of these, and watch it come:"),
    h("ul", null,
      h("li", null, "an Ingress with ", h("code", null, "ingressClassName: alb"), " for an Application Load Balancer"),
      h("li", null, "a Service of ", h("code", null, "type: LoadBalancer"), " with ", h("code", null, "loadBalancerClass: service.k8s.aws/nlb"), " for a Network Load Balancer")),
    h("p", null, "If one was made and nothing comes, ", h("code", null, "kubectl describe"), " it: the controller writes events. AWS calls that failed are listed below."));
}

/** card is one load balancer. */
export function card(lb, view) {
  const id = lb.arn || `${lb.type} ${lb.stack}`;
  const count = view.count(lb.arn);
  const wrong = trouble(lb);
  return h("details", { class: `card ${wrong ? "wrong" : ""}`, "data-key": id, "data-stack": lb.stack, open: view.few },
    h("summary", null,
      h("h2", null, lb.stack),
      h("span", { class: "badge" }, lb.type),
      h("span", { class: "badge" }, lb.scheme),
      wrong ? h("span", { class: "badge bad" }, wrong) : h("span", { class: "badge good" }, lb.state || "active"),
      h("span", { class: "rate" }, spark(count), h("b", null, number(count.rate)), lb.type === "network" ? " connections/s" : " requests/s")),
    h("div", { class: "body" },
      identity(lb, count),
      picture(lb, view.count, view.pods, view.width - 34),
      h("h3", null, "Listeners and rules"),
      (lb.listeners ?? []).map((l) => listener(lb, l, view)),
      h("h3", null, "Target groups"),
      (lb.targetGroups ?? []).map((g) => group(g, view)),
      !(lb.targetGroups ?? []).length && h("p", { class: "quiet" }, "none")));
}

function identity(lb, count) {
  const fact = (name, ...value) => h("div", { "data-key": name }, h("dt", null, name), h("dd", null, value));
  return h("dl", { class: "facts" },
    lb.dnsName && fact("DNS name", h("code", null, lb.dnsName)),
    fact("addresses", (lb.addresses ?? []).length ? lb.addresses.map((a) => h("span", { class: "chip", "data-key": a.zone }, h("code", null, a.ip), ` ${a.zone}`)) : "none yet"),
    lb.type !== "network" && fact("answers", statuses(count)),
    fact("traffic", `${number(count.requests)} ${lb.type === "network" ? "connections" : "requests"}, ${count.active} open, ${bytes(count.receivedBytes)} in, ${bytes(count.sentBytes)} out`),
    count.requests > 0 && lb.type !== "network" && fact("mean duration", `${number(Math.round((1e6 * count.seconds) / count.requests) / 1000)} ms`));
}

/** statuses are the numbers of answers by status code. */
function statuses(count) {
  const codes = Object.entries(count.statuses ?? {});
  if (!codes.length) return "none yet";
  return codes.map(([code, n]) => h("span", { class: `chip ${code >= 500 || code == 460 ? "bad" : code >= 400 ? "warn" : ""}`, "data-key": code }, h("b", null, code), ` ${number(n)}`));
}

function listener(lb, l, view) {
  const facts = [l.sslPolicy, l.mutualTLS && `mutual TLS: ${l.mutualTLS}`, l.alpnPolicy && `ALPN: ${l.alpnPolicy}`, (l.certificates ?? []).length && plural(l.certificates.length, "certificate")].filter(Boolean);
  return h("div", { class: "listener", "data-key": `listener ${l.port} ${l.protocol}` },
    h("h4", null, `${l.protocol} ${l.port}`, facts.length > 0 && h("small", null, ` ${facts.join(", ")}`)),
    h("ol", { class: "rows rules" }, rules(l).map((r) => {
      const count = view.count(lb.arn, l.port, r.name);
      return h("li", { "data-key": r.name },
        h("span", { class: "lead" }, r.name),
        h("span", { class: "text" }, h("span", null, r.conditions.length ? `if ${r.conditions.map(condition).join(" and ")}: ` : ""), r.actions.map(action).join(", then ")),
        traffic(count));
    })));
}

function group(g, view) {
  const count = view.count(g.arn);
  const check = g.healthCheck ?? {};
  const list = g.targets ?? [];
  return h("div", { class: "group", "data-key": `group ${g.arn ?? g.name}` },
    h("h4", null, g.name, h("small", null, ` ${g.protocol}${g.protocolVersion ? ` ${g.protocolVersion}` : ""}, ${g.targetType} targets; checked by ${check.protocol} ${check.path ?? ""} on port ${check.port} every ${check.intervalSeconds} s`)),
    h("ul", { class: "rows targets" }, list.map((t) => {
      const state = t.health.state;
      const pod = view.pods[t.address];
      const why = [t.health.reason, t.health.description].filter(Boolean).join(": ");
      return h("li", { "data-key": address(t), "data-target": address(t), "data-health": state },
        h("span", { class: `lead health ${state}` }, `${symbol(state)} ${state}`),
        h("span", { class: "text" }, h("code", null, address(t)), pod ? ` ${pod}` : t.id !== t.address ? ` ${t.id}` : "", h("small", null, ` ${t.zone ?? ""}`), why && h("span", { class: "why" }, why)),
        traffic(view.count(g.arn, address(t))));
    })),
    !list.length && h("p", { class: "quiet" }, "No registered target: clients get 503."),
    count.failures > 0 && h("p", { class: "quiet" }, `${plural(count.failures, "failure")} so far`));
}

function traffic(count) {
  if (!count.requests) return h("span", { class: "count" }, "–");
  return h("span", { class: "count" }, `${number(count.rate)}/s, ${number(count.requests)} in all`, count.failures > 0 && h("b", { class: "bad" }, `, ${number(count.failures)} failed`));
}

/** spark is the last minute as bars, failures at the foot of each. */
function spark(count) {
  const all = count.perSecond ?? [];
  const failed = count.failuresPerSecond ?? [];
  const top = Math.max(1, ...all, ...failed);
  const bar = (n, i, name) => n > 0 && s("rect", { class: name, x: i * 2, y: (20 - (20 * n) / top).toFixed(1), width: 1.6, height: ((20 * n) / top).toFixed(1) });
  return s("svg", { class: "spark", viewBox: "0 0 120 20", preserveAspectRatio: "none", role: "img", "aria-label": `last minute: ${plural(all.reduce((a, b) => a + b, 0), "request")}, ${plural(failed.reduce((a, b) => a + b, 0), "failure")}` },
    all.map((n, i) => bar(n, i, "all")), failed.map((n, i) => bar(n, i, "failed")));
}

/** failures are the last requests and connections that went wrong. */
export function failures(list, lbs) {
  const stack = new Map(lbs.map((lb) => [lb.arn, lb.stack]));
  return h("section", { class: "card", "data-key": "failures" },
    h("h2", null, "Last failures"),
    list.length ? h("ul", { class: "rows failures" }, alike(list).slice(0, 30).map(({ first: f, times, key }) => h("li", { "data-key": key },
      h("span", { class: "lead" }, h("time", { datetime: f.time }, clock(f.time)), f.status ? h("b", { class: "bad" }, ` ${f.status}`) : ""),
      h("span", { class: "text" }, h("span", { class: "why" }, f.reason, times > 1 && h("b", { class: "bad" }, ` ×${times}`)),
        h("small", null, [`${stack.get(f.loadBalancer) ?? "a load balancer that is gone"}:${f.port}`, f.rule && `rule ${f.rule}`, f.method && `${f.method} ${f.host}${f.path}`, `from ${f.client}`].filter(Boolean).join(", "))))))
      : h("p", { class: "quiet" }, "None."));
}

/** alike puts failures together that differ in nothing but time and client; the newest of each stands for them. */
function alike(list) {
  const groups = new Map();
  for (const f of list) {
    const key = JSON.stringify([f.loadBalancer, f.port, f.rule, f.target, f.method, f.host, f.path, f.status, f.reason]);
    const known = groups.get(key);
    if (known) known.times++;
    else groups.set(key, { first: f, times: 1, key });
  }
  return [...groups.values()];
}

/** calls are the AWS calls of the controller that failed. */
export function calls(list) {
  const missing = list.filter((c) => c.unimplemented).length;
  return h("section", { class: "card", "data-key": "calls" },
    h("h2", null, "AWS calls that failed"),
    missing > 0 && h("p", { class: "notice" }, `${plural(missing, "call")} of operations that elbsim does not implement: what depends on them is not as on AWS.`),
    list.length ? h("ul", { class: "rows calls" }, [...list].reverse().map((c, i) => h("li", { "data-key": `${c.time} ${c.operation} ${list.length - i}` },
      h("span", { class: "lead" }, h("time", { datetime: c.time }, clock(c.time))),
      h("span", { class: "text" }, h("code", null, c.operation), h("span", { class: "why" }, c.error), h("small", null, c.unimplemented ? "not implemented" : c.service)))))
      : h("p", { class: "quiet" }, "None."));
}
