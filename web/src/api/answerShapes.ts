import { all, flag, list, number, object, optional, pair, text } from "./check.ts";

// What an answer about replayed requests must have. Same names as in answerTypes.ts.

const captured = object({ status: number, latency_ms: number });
const figure = object({ answered: flag, status: number, latency_ms: number, trial: number, shows: flag, trials: number, answers: list(object({ status: number, count: number })) });

export const runAnswer = object({ exchange: number, role: text, method: text, path: text, route: text, captured, replayed: figure, last_good: optional(figure), match: text, differences: number, ignored: number });

const said = object({ headers: list(pair(text, text)), body: text, redacted_fields: list(text) });
const kept = all(figure, said, object({ headers_left_out: number, body_bytes: number, body_left_out: flag }));
const difference = object({ path: text, kind: text, left: text, right: text, ignored: flag });

export const runAnswerDetail = object({
  run_id: text, evidence_id: text, exchange: number, role: text, method: text, path: text, curl: text, captured: all(captured, said), replayed: kept, last_good: optional(kept), match: text,
  comparisons: list(object({ left: text, right: text, matches: flag, differences: list(difference), left_out: number, has_status: flag, has_headers: flag, has_body: flag })),
});
