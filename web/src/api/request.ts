import type { Check } from "./check.ts";
import { abortedProblem, badShape, makeProblem, problemFromAnswer, unreachableProblem } from "./problem.ts";
import type { Problem } from "./types.ts";

export const apiBase = "/api/v1";

export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  body?: unknown;
  /** The version the person saw, sent as If-Match. */
  version?: number;
  signal?: AbortSignal;
  /** A POST's own key: the same for every attempt at the same thing. */
  key?: string;
  /** Goes on when the page that asked is gone. */
  outlives?: boolean;
  /** What the answer must look like; without it the body is not read. */
  check?: Check;
}

/** What the wrapper needs from outside; tests give their own. */
export interface RequestPorts {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  csrf: () => string;
  /** A fresh key for each POST, so that a repeated click or retry is one action. */
  newKey: () => string;
  onSignedOut: () => void;
}

export type Request = <T>(path: string, options?: RequestOptions) => Promise<Answer<T>>;

function headersFor(ports: RequestPorts, method: string, options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method === "GET") return headers;
  headers["X-CSRF-Token"] = ports.csrf();
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.version !== undefined) headers["If-Match"] = `"${options.version}"`;
  if (method === "POST") headers["Idempotency-Key"] = options.key ?? ports.newKey();
  return headers;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.text()) as unknown;
  } catch {
    return undefined;
  }
}

/** The one way to the server: JSON in and out, failures as values, never a throw. */
export function makeRequest(ports: RequestPorts): Request {
  return async <T>(path: string, options: RequestOptions = {}): Promise<Answer<T>> => {
    const method = options.method ?? "GET";
    let response: Response;
    let body: unknown;
    try {
      const init: RequestInit = { method, headers: headersFor(ports, method, options), credentials: "same-origin" };
      if (options.body !== undefined) init.body = JSON.stringify(options.body);
      if (options.signal) init.signal = options.signal;
      if (options.outlives) init.keepalive = true;
      response = await ports.fetch(apiBase + path, init);
      body = await readJson(response);
    } catch {
      return { ok: false, problem: options.signal?.aborted ? abortedProblem(path) : unreachableProblem(path) };
    }
    const requestId = response.headers.get("X-Request-Id") ?? "";
    if (!response.ok) {
      const problem = problemFromAnswer(response.status, body, requestId);
      // A wrong password, asked for once more, ends no session.
      if (response.status === 401 && problem.code !== "credentials_refused") ports.onSignedOut();
      return { ok: false, problem };
    }
    const misfit = options.check?.(body, "");
    if (misfit !== undefined) {
      const problem = makeProblem(response.status, badShape, "The answer has an unexpected shape", `${path}: ${misfit}.`, requestId);
      return { ok: false, problem };
    }
    return { ok: true, value: body as T };
  };
}
