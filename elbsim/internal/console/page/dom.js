// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// Elements from data. Text only ever becomes a text node or an attribute's value, so names from manifests cannot
// become markup.

const SVG = "http://www.w3.org/2000/svg";

const maker = (create) => (tag, props, ...children) => {
  const node = create(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(3)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
};

/** h makes an HTML element: h(tag, attributes, ...children). */
export const h = maker((tag) => document.createElement(tag));

/** s makes an SVG element. */
export const s = maker((tag) => document.createElementNS(SVG, tag));

const key = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null);

const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && key(a) === key(b);

/**
 * morph makes the children of a live element like those of a new one and keeps what is the same, so that focus,
 * selection, scroll position and open sections stay. Whether a section is open is the reader's affair.
 */
export function morph(live, wanted) {
  const keyed = new Map();
  for (const child of live.childNodes) if (key(child) !== null) keyed.set(key(child), child);
  let at = live.firstChild;
  for (const want of [...wanted.childNodes]) {
    let found = key(want) !== null ? keyed.get(key(want)) : at;
    if (found && !same(found, want)) found = undefined;
    if (!found) {
      live.insertBefore(want, at);
      continue;
    }
    if (found !== at) live.insertBefore(found, at);
    else at = at.nextSibling;
    update(found, want);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function update(live, want) {
  if (live.nodeType !== Node.ELEMENT_NODE) {
    if (live.nodeValue !== want.nodeValue) live.nodeValue = want.nodeValue;
    return;
  }
  for (const { name, value } of want.attributes) {
    if (name !== "open" && live.getAttribute(name) !== value) live.setAttribute(name, value);
  }
  for (const { name } of [...live.attributes]) {
    if (name !== "open" && !want.hasAttribute(name)) live.removeAttribute(name);
  }
  morph(live, want);
}
