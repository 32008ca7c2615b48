import { effect, signal, untracked } from "@preact/signals";
import { findMe } from "../api/actions.ts";
import { apiBase } from "../api/request.ts";
import { dispatch, live, session } from "../state/store.ts";
import { LiveSocket } from "./liveSocket.ts";
import type { LiveStatus, SocketLike } from "./liveSocket.ts";
import { unreachableSince } from "./reach.ts";

// Binds the live connection to the store, the browser and the screen that is open.

const everywhere = ["overview", "incidents", "signals", "approvals", "runs", "services", "alarms"];
/** After so many failed tries the screens load by themselves until the connection is back. */
const pollAfterTries = 3;
const pollEveryMs = 5000;
/** A page nobody looks at lets go of its connection after this. */
const hiddenLimitMs = 5 * 60_000;

/** The run whose log is on screen, if any. */
export const watchedRun = signal("");

/** Whether a list of traces is on screen: its topic is only for who looks. */
export const watchesTraces = signal(false);

let builtVersion: string | undefined;

function openSocket(): SocketLike {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(`${scheme}//${location.host}${apiBase}/live`) as unknown as SocketLike;
}

function onFrame(work: () => void): void {
  // A hidden page gets no frames but goes on receiving.
  if (document.hidden) setTimeout(work, 1000);
  else requestAnimationFrame(work);
}

function topicsNow(): string[] {
  const more = watchesTraces.value ? ["traces"] : [];
  return watchedRun.value === "" ? [...everywhere, ...more] : [...everywhere, ...more, `runs/${watchedRun.value}`];
}

let status: LiveStatus = { phase: "off" };
let poll: ReturnType<typeof setInterval> | undefined;

function setPolling(on: boolean): void {
  if (on === (poll !== undefined)) return;
  if (on) poll = setInterval(() => dispatch({ type: "marked_stale", prefix: "/" }), pollEveryMs);
  else {
    clearInterval(poll);
    poll = undefined;
  }
}

function showStatus(): void {
  const { newVersion } = live.peek();
  const since = unreachableSince.peek();
  const polling = status.phase === "waiting" && status.tries >= pollAfterTries;
  if (status.phase === "live" || status.phase === "off") setPolling(false);
  else if (polling) setPolling(true);
  if (status.phase === "live" || status.phase === "off" || (status.phase === "connecting" && poll === undefined)) {
    dispatch({ type: "live_changed", live: { phase: status.phase, at: 0, newVersion } });
  } else if (poll !== undefined) {
    const phase = since > 0 ? "stale" : "polling";
    dispatch({ type: "live_changed", live: { phase, at: since, newVersion } });
  } else if (status.phase === "waiting") {
    dispatch({ type: "live_changed", live: { phase: "waiting", at: status.untilMs, newVersion } });
  }
}

const socket = new LiveSocket(
  {
    open: openSocket,
    now: () => performance.now() + performance.timeOrigin,
    random: Math.random,
    setTimer: (work, ms) => window.setTimeout(work, ms),
    clearTimer: (timer) => window.clearTimeout(timer),
    onFrame,
  },
  {
    onEvents: (events) => dispatch({ type: "live_batch", events }),
    onGap: () => dispatch({ type: "live_gap" }),
    onStatus: (next) => {
      status = next;
      showStatus();
    },
    onSignedOut: () => void lookWhetherSignedOut(),
    onReady: (version, since) => {
      if (since !== undefined) dispatch({ type: "live_started", seq: since });
      builtVersion ??= version;
      if (version !== builtVersion) dispatch({ type: "live_changed", live: { phase: "live", at: 0, newVersion: true } });
      // What happened between loading the log and this subscription is in neither.
      if (watchedRun.peek() !== "") dispatch({ type: "marked_stale", prefix: `/runs/${watchedRun.peek()}` });
    },
  },
);

/** A session that was proved anew goes on under another token: its connection ends like that of a session that ended. */
async function lookWhetherSignedOut(): Promise<void> {
  const answer = await findMe();
  // Somebody who is signed in is connected again by that; a refusal has signed them out already.
  if (!answer.ok && answer.problem.status !== 401 && session.peek().kind === "in") socket.start(topicsNow());
}

let hiddenTimer: ReturnType<typeof setTimeout> | undefined;

function onVisibility(): void {
  clearTimeout(hiddenTimer);
  if (document.hidden) {
    hiddenTimer = setTimeout(() => socket.stop(), hiddenLimitMs);
  } else if (session.peek().kind === "in") {
    socket.start(topicsNow());
    socket.retryNow();
  }
}

/** Called once at start. The connection lives as long as somebody is signed in. */
export function wireLive(): void {
  effect(() => {
    if (session.value.kind === "in") socket.start(untracked(topicsNow));
    else if (session.value.kind === "out") socket.stop();
  });
  effect(() => socket.setTopics(topicsNow()));
  effect(() => {
    void unreachableSince.value;
    showStatus();
  });
  window.addEventListener("online", () => socket.retryNow());
  document.addEventListener("visibilitychange", onVisibility);
}
