import type { AnswerComparison, AnswerSide, CapturedAnswer, KeptAnswer, RunAnswerDetail } from "../../api/answerTypes.ts";
import { diffBodies, diffHeaders } from "./exchangeDiff.ts";
import type { DiffPart } from "./exchangeDiff.ts";
import { diffLines } from "./jsonDiff.ts";
import type { DiffLine } from "./jsonDiff.ts";

// Two sides of one replayed exchange as lines. Which fields count is what the server found. Pure.

export function sideOf(detail: RunAnswerDetail, side: AnswerSide): CapturedAnswer | KeptAnswer | undefined {
  return side === "captured" ? detail.captured : side === "replayed" ? detail.replayed : detail.last_good;
}

/** "body/items/3/id" -> "body/items/*\/id": the same field of every answer. */
export function fieldOf(path: string): string {
  return path.startsWith("body:") ? "body:*" : path.split("/").map((part) => (/^\d+$/.test(part) ? "*" : part)).join("/");
}

function statusText(side: CapturedAnswer | KeptAnswer): string {
  return "answered" in side && !side.answered ? `no answer${side.failure === undefined ? "" : `: ${side.failure}`}` : side.status === 0 ? "not known" : `HTTP ${side.status}`;
}

function missing(title: string, why: string): DiffPart {
  return { title, lines: [{ kind: "same", text: why, usual: false }] };
}

function isLeftOut(side: CapturedAnswer | KeptAnswer): boolean {
  return "body_left_out" in side && side.body_left_out;
}

function bodyPart(compared: AnswerComparison, left: CapturedAnswer | KeptAnswer, right: CapturedAnswer | KeptAnswer, counts: (path: string) => boolean): DiffPart {
  const title = "Body";
  if (compared.has_body) {
    // The rules speak of lines by number; in a text without structure every difference counts.
    return { title, lines: diffBodies(left.body, right.body, (path) => !counts(`body${path}`)) };
  }
  return missing(title, isLeftOut(left) || isLeftOut(right) ? "not compared: one side was too large to be kept" : "not compared: it was not captured");
}

/** Undefined when one of the sides is not there. */
export function diffSides(detail: RunAnswerDetail, compared: AnswerComparison): DiffPart[] | undefined {
  const left = sideOf(detail, compared.left);
  const right = sideOf(detail, compared.right);
  if (left === undefined || right === undefined) return undefined;
  const ignored = new Set(compared.differences.filter((each) => each.ignored).map((each) => fieldOf(each.path)));
  const counts = (path: string): boolean => !ignored.has(fieldOf(path));
  const headers: DiffPart = compared.has_headers
    ? { title: "Headers", lines: diffHeaders(left.headers, right.headers, (name) => !counts(`header.${name}`)) }
    : missing("Headers", "not compared: they are not known of both");
  const parts: DiffPart[] = [{ title: "Status", lines: diffLines(statusText(left), statusText(right)) }, headers, bodyPart(compared, left, right, counts)];
  return parts.filter((part) => part.lines.length > 0);
}

export function countLines(parts: readonly DiffPart[], wanted: (line: DiffLine) => boolean): number {
  return parts.reduce((sum, part) => sum + part.lines.filter(wanted).length, 0);
}
