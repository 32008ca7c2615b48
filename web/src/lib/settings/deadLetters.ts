import { plural } from "../format.ts";
import type { RunKind } from "../../api/types.ts";

// What was given up, in words. Pure.

export interface GivenUp {
  /** Absent: not loaded, or not theirs to see. */
  runs?: number;
  sent?: number;
  came?: number;
  /** A list has more than was counted. */
  more?: boolean;
}

function counted(n: number | undefined, one: string, more: boolean): string {
  return n === undefined || n === 0 ? "" : `${plural(n, one)}${more ? " or more" : ""}`;
}

export function givenUpSentence(found: GivenUp): string {
  const more = found.more === true;
  const parts = [counted(found.runs, "run", more), counted(found.sent, "notice", more), counted(found.came, "incoming webhook", more)].filter((part) => part !== "");
  if (parts.length === 0) return "Nothing was given up.";
  const total = (found.runs ?? 0) + (found.sent ?? 0) + (found.came ?? 0);
  const list = parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(", ")} and ${parts[parts.length - 1]}`;
  return `${list} ${total === 1 ? "was" : "were"} given up after every attempt.`;
}

const steps: Record<RunKind, string[]> = {
  reproduce: ["prepare", "replay", "verdict", "gate", "publish"], publish: ["gate", "publish"], fix: ["gate", "publish"],
};

/** Where a run may begin again: not behind the step it stopped at. */
export function stepsBefore(kind: string, stopped: string): string[] {
  const all = Object.hasOwn(steps, kind) ? steps[kind as RunKind] : [];
  const at = all.indexOf(stopped);
  return at < 0 ? all.slice(0, 1) : all.slice(0, at + 1);
}
