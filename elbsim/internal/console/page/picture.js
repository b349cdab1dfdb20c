// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// The way of a request as a picture: client → load balancer → rule → target group → target → pod. Wide pages show
// it from left to right, narrow ones from top to bottom.

import { s } from "./dom.js";
import { address, rules, symbol } from "./model.js";
import { action, clip, condition, number, plural } from "./words.js";

const WIDE = { most: 7, height: 38, gap: 10, chars: 22 };
const NARROW = { most: 2, width: 328, height: 38, gap: 8, layer: 30 };

/** picture draws a load balancer's ways for a page that is width pixels wide. */
export function picture(lb, count, pods, width) {
  const narrow = width < 640;
  const { layers, edges } = graph(lb, count, pods, narrow ? NARROW.most : WIDE.most);
  const size = narrow ? placeDown(layers) : placeAcross(layers, Math.max(640, Math.min(width, 1280)));
  const lines = edges.map((e) => line(e, narrow));
  const nodes = layers.flat().map((n) => box(n));
  return s("svg", { class: "picture", viewBox: `0 0 ${size.width} ${size.height}`, role: "img", "aria-label": spoken(lb) }, lines, nodes);
}

/** graph makes nodes by layer and the edges between them; of too many nodes those in trouble are shown. */
function graph(lb, count, pods, most) {
  const total = count(lb.arn);
  const client = node("client", "clients", total.active ? plural(total.active, "connection") : "", "plain");
  const self = node("lb", lb.stack, `${lb.type}, ${(lb.addresses ?? []).length || "no"} addresses`, lb.state && lb.state !== "active" ? "warn" : "plain");
  const edges = [edge(client, self, total.rate, "plain")];
  const ruleNodes = [], groupNodes = [], targetNodes = [], podNodes = [];
  const groups = new Map();
  for (const g of lb.targetGroups ?? []) {
    const list = g.targets ?? [];
    const healthy = list.filter((t) => t.health.state === "healthy").length;
    const n = node(`group ${g.arn ?? g.name}`, g.name, `${healthy} of ${list.length} healthy`, healthy ? "good" : list.length ? "bad" : "warn");
    groups.set(g.name, n);
    groupNodes.push(n);
    const order = [...list].sort((a, b) => (a.health.state === "healthy") - (b.health.state === "healthy"));
    for (const t of order) {
      const tone = { healthy: "good", unhealthy: "bad" }[t.health.state] ?? "warn";
      const tn = node(`target ${g.arn ?? g.name} ${address(t)}`, address(t), `${symbol(t.health.state)} ${t.health.state}`, tone, t.health.description);
      targetNodes.push(tn);
      edges.push(edge(n, tn, count(g.arn, address(t)).rate, tone));
      const pod = pods[t.address] ?? (g.targetType === "instance" ? t.id : undefined);
      if (pod) {
        const pn = node(`pod ${g.arn ?? g.name} ${address(t)}`, pod.slice(pod.indexOf("/") + 1), g.targetType === "instance" ? "node" : `pod in ${pod.slice(0, pod.indexOf("/"))}`, tone);
        podNodes.push(pn);
        edges.push(edge(tn, pn, count(g.arn, address(t)).rate, tone));
      }
    }
  }
  for (const l of lb.listeners ?? []) {
    for (const r of rules(l)) {
      const to = r.actions.flatMap((a) => a.forward ?? []);
      const rate = count(lb.arn, l.port, r.name).rate;
      const when = r.conditions.map(condition).join(", ");
      const sub = to.length ? when || "everything" : r.actions.map(action).join(", ");
      const rn = node(`rule ${l.port} ${r.name}`, `${l.protocol} ${l.port}${lb.type === "network" ? "" : ` · ${r.name}`}`, sub, "plain", [when, ...r.actions.map(action)].filter(Boolean).join(": "));
      ruleNodes.push(rn);
      edges.push(edge(self, rn, rate, "plain"));
      for (const w of to) {
        const g = groups.get(w.targetGroup);
        if (g) edges.push(edge(rn, g, rate * (w.weight / Math.max(1, to.reduce((a, b) => a + b.weight, 0))), g.tone));
      }
    }
  }
  const layers = [[client], [self], ruleNodes, groupNodes, targetNodes, podNodes].filter((l) => l.length);
  const standsFor = new Map(); // a node that is left out is drawn as that of its layer's rest
  return { layers: layers.map((l) => cut(l, most, standsFor)), edges: merge(edges, standsFor) };
}

const node = (key, title, sub, tone, hint) => ({ key, title, sub, tone, hint });
const edge = (from, to, rate, tone) => ({ from, to, rate, tone });

/** cut keeps as many nodes as there is room for and says how many are left out. */
function cut(layer, most, standsFor) {
  if (layer.length <= most) return layer;
  const left = layer.slice(most - 1);
  const rest = node(`more ${left[0].key}`, `${left.length} more`, "listed below", "more");
  for (const n of left) standsFor.set(n, rest);
  return [...layer.slice(0, most - 1), rest];
}

/** merge makes one edge of those that lead between the same nodes that are drawn; trouble shows. */
function merge(edges, standsFor) {
  const tones = ["plain", "good", "warn", "bad"];
  const merged = new Map();
  for (const e of edges) {
    const from = standsFor.get(e.from) ?? e.from, to = standsFor.get(e.to) ?? e.to;
    const key = `${from.key}>${to.key}`;
    const known = merged.get(key) ?? edge(from, to, 0, e.tone);
    known.rate += e.rate;
    known.tone = tones[Math.max(tones.indexOf(known.tone), tones.indexOf(e.tone))];
    merged.set(key, known);
  }
  return [...merged.values()];
}

function placeAcross(layers, width) {
  const column = width / layers.length;
  const most = Math.max(...layers.map((l) => l.length));
  const height = most * (WIDE.height + WIDE.gap) + WIDE.gap;
  layers.forEach((layer, i) => {
    const used = layer.length * (WIDE.height + WIDE.gap) - WIDE.gap;
    layer.forEach((n, j) => {
      Object.assign(n, { x: i * column + 4, y: (height - used) / 2 + j * (WIDE.height + WIDE.gap), w: column - 34, h: WIDE.height });
    });
  });
  return { width, height };
}

function placeDown(layers) {
  layers.forEach((layer, i) => {
    const w = (NARROW.width - (layer.length - 1) * NARROW.gap) / layer.length;
    layer.forEach((n, j) => {
      Object.assign(n, { x: j * (w + NARROW.gap), y: i * (NARROW.height + NARROW.layer) + 2, w, h: NARROW.height });
    });
  });
  return { width: NARROW.width, height: layers.length * (NARROW.height + NARROW.layer) - NARROW.layer + 4 };
}

function line(e, narrow) {
  const a = narrow ? { x: e.from.x + e.from.w / 2, y: e.from.y + e.from.h } : { x: e.from.x + e.from.w, y: e.from.y + e.from.h / 2 };
  const b = narrow ? { x: e.to.x + e.to.w / 2, y: e.to.y } : { x: e.to.x, y: e.to.y + e.to.h / 2 };
  const middle = narrow ? `${a.x},${(a.y + b.y) / 2} ${b.x},${(a.y + b.y) / 2}` : `${(a.x + b.x) / 2},${a.y} ${(a.x + b.x) / 2},${b.y}`;
  return s("path", {
    "data-key": `${e.from.key}>${e.to.key}`,
    class: `way ${e.tone}${e.rate > 0 ? " flowing" : ""}`,
    d: `M${a.x},${a.y} C${middle} ${b.x},${b.y}`,
    "stroke-width": (1.5 + Math.min(3, Math.log10(1 + e.rate))).toFixed(1),
  }, s("title", null, `${number(e.rate)} per second`));
}

function box(n) {
  const chars = Math.max(6, Math.floor((n.w - 14) / 7));
  return s("g", { "data-key": n.key, class: `node ${n.tone}`, transform: `translate(${n.x.toFixed(1)} ${n.y.toFixed(1)})` },
    s("title", null, [n.title, n.sub, n.hint].filter(Boolean).join(" — ")),
    s("rect", { width: n.w.toFixed(1), height: n.h, rx: 6 }),
    s("text", { class: "title", x: 8, y: 16 }, clip(n.title, chars)),
    s("text", { class: "sub", x: 8, y: 30 }, clip(n.sub, chars + 1)));
}

/** spoken says the picture in a sentence. */
function spoken(lb) {
  const parts = (lb.targetGroups ?? []).map((g) => {
    const bad = (g.targets ?? []).filter((t) => t.health.state !== "healthy");
    return `${g.name} with ${plural((g.targets ?? []).length, "target")}${bad.length ? `, of which ${bad.length} not healthy` : ""}`;
  });
  return `Clients reach ${lb.stack} by ${plural((lb.listeners ?? []).length, "listener")}; behind them ${parts.join("; ") || "no target group"}.`;
}
