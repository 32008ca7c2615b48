import { makeRequest } from "./request.ts";
import type { Request } from "./request.ts";
import { dispatch, peekState } from "../state/store.ts";

/** A server that says nothing for this long counts as unreachable. */
const answerLimitMs = 30_000;

export function newKey(): string {
  // randomUUID exists only on https and localhost; the dashboard also runs on a plain private address.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}

async function fetchWithLimit(url: string, init: RequestInit): Promise<Response> {
  const limit = new AbortController();
  const stop = (): void => limit.abort();
  const timer = setTimeout(stop, answerLimitMs);
  init.signal?.addEventListener("abort", stop);
  try {
    return await fetch(url, { ...init, signal: limit.signal });
  } finally {
    clearTimeout(timer);
    init.signal?.removeEventListener("abort", stop);
  }
}

export const request: Request = makeRequest({
  fetch: fetchWithLimit,
  csrf: () => {
    const { session } = peekState();
    return session.kind === "in" ? session.me.csrf : "";
  },
  newKey,
  onSignedOut: () => {
    if (peekState().session.kind === "in") dispatch({ type: "signed_out" });
  },
});
