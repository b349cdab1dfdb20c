// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Descriptions in words and numbers.

/** condition says when a rule's condition holds. */
export function condition(c) {
  const values = [...(c.values ?? []), ...(c.regex ?? []).map((r) => `/${r}/`)].join(" or ");
  switch (c.field) {
    case "host-header": return `host is ${values}`;
    case "path-pattern": return `path is ${values}`;
    case "http-header": return `header ${c.header} is ${values}`;
    case "http-request-method": return `method is ${values}`;
    case "source-ip": return `source is ${values}`;
    case "query-string": return `query has ${(c.query ?? []).map((q) => (q.key ? `${q.key}=${q.value}` : q.value)).join(" or ")}`;
  }
  return `${c.field} is ${values}`;
}

/** action says what a rule or listener does. */
export function action(a) {
  switch (a.type) {
    case "forward": {
      const groups = a.forward ?? [];
      const total = groups.reduce((sum, g) => sum + g.weight, 0);
      const parts = groups.map((g) => (groups.length > 1 ? `${g.targetGroup} (${total ? Math.round((100 * g.weight) / total) : 0} %)` : g.targetGroup));
      return `forward to ${parts.join(", ")}${a.stickySeconds ? `, sticky for ${a.stickySeconds} s` : ""}`;
    }
    case "redirect": {
      const r = a.redirect ?? {};
      const port = r.port ? `:${r.port}` : "";
      return `redirect ${r.statusCode} to ${(r.protocol || "#{protocol}").toLowerCase()}://${r.host || "#{host}"}${port}${r.path || "/#{path}"}${r.query ? `?${r.query}` : ""}`;
    }
    case "fixed-response": return `answer ${a.fixedResponse?.statusCode}${a.fixedResponse?.body ? ` “${a.fixedResponse.body}”` : ""}`;
  }
  return a.type;
}

/** number shortens: 1234 is 1.2k. */
export function number(n) {
  if (n >= 1e9) return `${(n / 1e9).toFixed(1)}G`;
  if (n >= 1e6) return `${(n / 1e6).toFixed(1)}M`;
  if (n >= 1e4) return `${(n / 1e3).toFixed(1)}k`;
  return Number.isInteger(n) ? String(n) : n.toFixed(1);
}

/** bytes in the usual units. */
export const bytes = (n) => (n < 1000 ? `${n} B` : `${number(Math.round(n))}B`);

/** plural: plural(2, "target") is "2 targets". */
export const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

/** clock is the time of day of an RFC 3339 time. */
export const clock = (time) => new Date(time).toLocaleTimeString([], { hour12: false });

/** clip shortens a text in its middle, for its ends tell it apart. */
export function clip(text, length) {
  if (text.length <= length) return text;
  const tail = Math.floor((length - 1) / 2);
  return `${text.slice(0, length - 1 - tail)}…${text.slice(text.length - tail)}`;
}
