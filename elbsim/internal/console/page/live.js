// SPDX-License-Identifier: Apache-2.0
// Copyright the istio-aws authors

// What elbsim says, live: server-sent events; where they do not come through, polling; and a word when elbsim is
// gone.

const SILENCE = 4000; // ms; traffic comes every second
const POLL = 2000;
const RETRY_STREAM_AFTER = 15; // polls that worked

/**
 * follow calls changed({status, loadbalancers, pods, traffic}) with what is new, and state("live" | "polling" |
 * "lost").
 */
export function follow(changed, state) {
  let source, watchdog, failures = 0, polls = 0;

  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(broken, SILENCE);
  };

  function stream() {
    source = new EventSource("/v1/events");
    alive();
    for (const event of ["status", "loadbalancers", "pods", "traffic"]) {
      source.addEventListener(event, (message) => {
        alive();
        failures = polls = 0;
        state("live");
        changed({ [event]: JSON.parse(message.data) });
      });
    }
    source.onerror = broken;
  }

  function broken() {
    clearTimeout(watchdog);
    source?.close();
    source = undefined;
    failures++;
    poll();
  }

  async function poll() {
    try {
      const [status, loadbalancers, pods, traffic] = await Promise.all([health(), json("/v1/loadbalancers"), json("/v1/pods"), json("/v1/traffic")]);
      changed({ status, loadbalancers, pods, traffic });
      polls++;
      if (failures <= 1 || polls % RETRY_STREAM_AFTER === 0) return stream();
      state("polling");
    } catch {
      polls = failures = 0; // once it is back, the stream is tried first
      state("lost");
    }
    setTimeout(poll, POLL);
  }

  stream();
}

async function health() {
  const answer = await fetch("/healthz", { signal: AbortSignal.timeout(SILENCE) });
  return { waiting: answer.ok ? "" : (await answer.json()).error };
}

/** json fetches a path of the API. */
export async function json(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(SILENCE) });
  if (!answer.ok) throw new Error(`${path}: status ${answer.status}`);
  return answer.json();
}
