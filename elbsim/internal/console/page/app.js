// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// The page: it keeps what elbsim said last and the reader's choices, and draws both.

import { h, morph } from "./dom.js";
import { follow, json } from "./live.js";
import { index, matches, trouble } from "./model.js";
import { theme } from "./theme.js";
import { calls, card, failures, nothing, summary } from "./view.js";

const CALLS_EVERY = 3000;

const said = { status: undefined, loadbalancers: undefined, pods: {}, traffic: { loadBalancers: [], targetGroups: [], failures: [] }, calls: [] };
const reader = { search: "", kind: "", connection: "connecting" };
const main = document.getElementById("main");
let planned = false;

/** draw draws once per frame, however much has changed. */
function draw() {
  if (planned) return;
  planned = true;
  requestAnimationFrame(() => {
    planned = false;
    if (said.loadbalancers) morph(main, page());
  });
}

function page() {
  const all = said.loadbalancers;
  const view = { count: index(said.traffic), pods: said.pods ?? {}, width: main.clientWidth, few: all.length <= 3, now: said.traffic.time };
  const shown = all.filter((lb) => matches(lb, reader.search, view.pods) && (!reader.kind || lb.type === reader.kind || (reader.kind === "trouble" && trouble(lb))));
  return h("main", null,
    said.status?.waiting && h("p", { class: "notice", "data-key": "waiting" }, said.status.waiting),
    all.length ? summary(all, view, said.traffic) : nothing(),
    all.length > 0 && h("section", { "aria-label": "Load balancers", "data-key": "load balancers" },
      shown.map((lb) => card(lb, view)),
      shown.length < all.length && h("p", { class: "quiet", "data-key": "filtered" }, `${shown.length} of ${all.length} load balancers match the filter.`)),
    failures(said.traffic.failures, all),
    calls(said.calls));
}

const WORDS = { live: "live", polling: "polling: the event stream does not come through", lost: "elbsim does not answer; trying again", connecting: "connecting" };

function connection(state) {
  if (reader.connection === state) return;
  reader.connection = state;
  const shown = document.getElementById("connection");
  shown.dataset.state = state;
  shown.textContent = WORDS[state];
  document.body.classList.toggle("stale", state === "lost");
  document.title = state === "lost" ? "elbsim (lost)" : "elbsim";
}

/** watchCalls keeps the AWS calls that failed; they are few, and no hurry. */
async function watchCalls() {
  try {
    said.calls = (await json("/v1/calls?failed=true&limit=50")).filter((c) => c.error).slice(-50);
    draw();
  } catch {
    // follow says that elbsim is lost
  }
  setTimeout(watchCalls, CALLS_EVERY);
}

document.getElementById("search").addEventListener("input", (event) => {
  reader.search = event.target.value.trim();
  draw();
});
document.getElementById("kind").addEventListener("change", (event) => {
  reader.kind = event.target.value;
  draw();
});
addEventListener("resize", draw);
theme(document.getElementById("theme"));
follow((news) => {
  Object.assign(said, news);
  draw();
}, connection);
watchCalls();
