import type { Problem } from "./types.ts";

// Whatever goes wrong between here and the server becomes a Problem, so that a screen has one kind of
// failure to show: what happened, where, and the request id to quote.

export const unreachable = "unreachable";
export const aborted = "aborted";
export const badShape = "bad_shape";

export function makeProblem(status: number, code: string, title: string, detail: string, request_id = ""): Problem {
  return { type: "about:blank", status, code, title, detail, request_id };
}

export function unreachableProblem(path: string): Problem {
  return makeProblem(0, unreachable, "The server does not answer", `No answer to ${path}. What you see is the last known state.`);
}

export function abortedProblem(path: string): Problem {
  return makeProblem(0, aborted, "Cancelled", `${path} was cancelled.`);
}

function textOf(value: unknown, fallback: string): string {
  return typeof value === "string" && value !== "" ? value : fallback;
}

/** Maps an answer that is not 2xx. `body` is the parsed JSON, or undefined when there was none. */
export function problemFromAnswer(status: number, body: unknown, requestId: string): Problem {
  const given = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  return {
    type: textOf(given.type, "about:blank"),
    status,
    code: textOf(given.code, `http_${status}`),
    title: textOf(given.title, titleOfStatus(status)),
    detail: textOf(given.detail, ""),
    request_id: textOf(given.request_id, requestId),
  };
}

function titleOfStatus(status: number): string {
  switch (status) {
    case 401: return "You are signed out";
    case 403: return "Your role does not allow this";
    case 404: return "This does not exist";
    case 409: return "Somebody else was faster";
    case 412: return "It changed since you opened it";
    case 413: return "Too large";
    case 429: return "Too many requests";
    case 503: return "The server is busy";
    default: return status >= 500 ? "The server failed" : "The server refused";
  }
}

/** One sentence for a toast or an error line. */
export function problemSentence(problem: Problem): string {
  if (problem.detail === "") return `${problem.title}.`;
  return problem.detail.startsWith(problem.title) ? problem.detail : `${problem.title}: ${problem.detail}`;
}
