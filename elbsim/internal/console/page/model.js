// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// What the views show, put together from what elbsim says.

const SYMBOLS = { healthy: "●", unhealthy: "✕", initial: "◐", draining: "◌", unused: "○" };

/** symbol of a health state, so that colour is not needed to tell it. */
export const symbol = (state) => SYMBOLS[state] ?? "?";

/** empty are the counts of what nobody has asked for. */
const empty = { requests: 0, failures: 0, active: 0, receivedBytes: 0, sentBytes: 0, seconds: 0, rate: 0 };

/** index finds traffic by what it is about. */
export function index(traffic) {
  const found = new Map();
  for (const lb of traffic.loadBalancers) {
    found.set(lb.arn, lb);
    for (const l of lb.listeners) {
      found.set(`${lb.arn} ${l.port}`, l);
      for (const r of l.rules) found.set(`${lb.arn} ${l.port} ${r.rule}`, r);
    }
  }
  for (const g of traffic.targetGroups) {
    found.set(g.arn, g);
    for (const t of g.targets) found.set(`${g.arn} ${t.target}`, t);
  }
  return (...parts) => found.get(parts.join(" ")) ?? empty;
}

/** address of a target as traffic names it. */
export const address = (t) => (t.address.includes(":") ? `[${t.address}]:${t.port}` : `${t.address}:${t.port}`);

/** targets of all groups of a load balancer. */
export const targets = (lb) => (lb.targetGroups ?? []).flatMap((g) => g.targets ?? []);

/** rules of a listener with the default at the end. */
export const rules = (listener) => [
  ...(listener.rules ?? []).map((r) => ({ name: String(r.priority), conditions: r.conditions ?? [], actions: r.actions ?? [] })),
  { name: "default", conditions: [], actions: listener.defaultActions ?? [] },
];

/** trouble says what is wrong with a load balancer, "" if nothing is. */
export function trouble(lb) {
  const out = [];
  if (lb.state && lb.state !== "active") out.push(lb.state);
  const unhealthy = targets(lb).filter((t) => t.health.state === "unhealthy").length;
  if (unhealthy) out.push(`${unhealthy} unhealthy`);
  const used = new Set((lb.listeners ?? []).flatMap((l) => rules(l)).flatMap((r) => r.actions).flatMap((a) => a.forward ?? []).map((w) => w.targetGroup));
  for (const g of lb.targetGroups ?? []) {
    if (used.has(g.name) && !(g.targets ?? []).length) out.push(`${g.name} has no target`);
  }
  return out.join(", ");
}

/** matches tells whether a load balancer has a text anywhere in it, or in the names of its pods. */
export function matches(lb, text, pods) {
  if (!text) return true;
  const names = targets(lb).map((t) => pods[t.address] ?? "");
  return (JSON.stringify(lb) + names.join(" ")).toLowerCase().includes(text.toLowerCase());
}
