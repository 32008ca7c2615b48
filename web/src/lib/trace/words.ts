import type { Fanout, Pattern, TimeClass, TraceReport, TraceSummary, TraceTimes } from "../../api/traceTypes.ts";
import { count, duration, percent, plural } from "../format.ts";

// What traces are called, and their sentences. Pure.

export const timeClasses: readonly TimeClass[] = ["waiting_human", "waiting_queue", "waiting_backoff", "waiting_tool", "io", "compute", "untracked"];

const classes: Record<TimeClass, string> = {
  waiting_human: "waiting for a person", waiting_queue: "waiting in a queue", waiting_backoff: "waiting in backoff", waiting_tool: "waiting for tools",
  io: "io", compute: "compute", untracked: "not tracked",
};
export const classText = (spent: string): string => (Object.hasOwn(classes, spent) ? classes[spent as TimeClass] : spent.replace(/_/g, " "));

export const classMeanings: Record<TimeClass, string> = {
  waiting_human: "A person is asked and has not answered yet.",
  waiting_queue: "Work could have started and did not: a limit on how much runs at once, or a queue.",
  waiting_backoff: "An attempt failed and the next one is put off.",
  waiting_tool: "A tool, a model or another service is called and has not answered.",
  io: "Something is stored or fetched: a database, a file, a checkpoint.",
  compute: "The program itself works.",
  untracked: "No span says what happened.",
};

/** Name for classes and swatches: "waiting_tool" is "tool". */
export const shortClass = (spent: TimeClass): string => spent.replace("waiting_", "");

const patterns: Record<Pattern, string> = {
  none: "No pattern", fanout: "Fan-out", chain: "Chain", retry: "Retries", dag: "Branches and join", react: "Agent steps", human: "Waits for a person", rag: "Retrieval", stream: "Token stream",
};
export const patternText = (pattern: string): string => (Object.hasOwn(patterns, pattern) ? patterns[pattern as Pattern] : pattern);
export const patternNames = Object.keys(patterns) as Pattern[];

export const ns = (value: number): string => duration(value / 1e6);

/** More digits than `ns`, for a place in the trace: 1,212 ms. */
export function placeText(value: number): string {
  return Math.abs(value) >= 1e6 ? `${count(Math.round(value / 1e6))} ms` : duration(Math.max(0, value) / 1e6);
}

/** Of a time class: how much and which share; the largest first, those without any left out. */
export function classShares(times: TraceTimes, wall: number): { spent: TimeClass; ns: number; share: number }[] {
  const total = wall > 0 ? wall : 1;
  return timeClasses.map((spent) => ({ spent, ns: times[spent], share: times[spent] / total })).filter((each) => each.ns > 0).sort((a, b) => b.ns - a.ns);
}

/** What was not as it should be, each as one sentence; none for a good trace. */
export function completenessSentences(report: TraceReport, kept = report.span_count): string[] {
  const said: string[] = [];
  const add = (n: number | undefined, text: (n: number) => string): void => {
    if (n !== undefined && n > 0) said.push(text(n));
  };
  if (report.truncated) said.push(`It had more spans than are kept of one trace; these are the first ${count(report.span_count)}.`);
  if (kept < report.span_count) said.push(`The first ${count(kept)} of its ${count(report.span_count)} spans are kept; the others were too much text.`);
  if (report.has_root === false) said.push("Its root did not come: the beginning or the end may be missing.");
  add(report.roots_extra, (n) => `${plural(n, "more span")} ${n === 1 ? "has" : "have"} no parent; beside the root they count as its children.`);
  add(report.parents_missing, (n) => `The parent of ${plural(n, "span")} did not come; ${n === 1 ? "it hangs" : "they hang"} below the root.`);
  add(report.duplicates, (n) => `${plural(n, "span")} came twice and ${n === 1 ? "counts" : "count"} once.`);
  add(report.cycles, (n) => `${plural(n, "span")} ${n === 1 ? "was its own ancestor" : "were their own ancestors"}; the circle was cut.`);
  add(report.negative, (n) => `${plural(n, "span")} ended before ${n === 1 ? "it" : "they"} began, and ${n === 1 ? "counts" : "count"} as without duration.`);
  add(report.clamped, (n) => `${plural(n, "span")} ${n === 1 ? "reaches beyond its parent" : "reach beyond their parents"}; for the critical path ${n === 1 ? "it is" : "they are"} cut there.`);
  add(report.skew_ns, (n) => `The clock of a service was off; its spans were moved by up to ${ns(n)}.`);
  return said;
}

function widest(report: TraceReport | undefined): Fanout | undefined {
  return report?.fanouts[0];
}

/** One sentence that says what is true of this trace, for its heading. */
export function traceSentence(summary: TraceSummary, report: TraceReport | undefined): string {
  const first = report?.findings[0];
  if (first !== undefined) return first.explanation;
  const most = classShares(summary.times, summary.wall_ns)[0];
  const where = most === undefined ? "" : `, ${percent(most.share)} of it ${most.spent === "compute" ? "computing" : most.spent === "io" ? "storing and fetching" : classText(most.spent)}`;
  const fan = widest(report);
  const wide = fan === undefined ? "" : `; ${count(fan.members)} ran at the same time, at most ${count(fan.peak)} at once`;
  const failed = summary.failed_count === 0 ? "" : `; ${plural(summary.failed_count, "span")} failed`;
  return `${summary.operation.name} took ${ns(summary.wall_ns)}${where}${wide}${failed}.`;
}

/** Chips under the heading: what kind of trace it is, in a few words each. */
export function traceMarks(summary: TraceSummary): string[] {
  const { figures } = summary;
  const marks: string[] = [patternText(summary.pattern)];
  if (figures.members > 1) marks.push(`fan-out ${count(figures.members)}${figures.limit === undefined ? "" : `, limit ${count(figures.limit)}`}`);
  if (figures.chain_depth > 2) marks.push(`chain of ${count(figures.chain_depth)}`);
  if (figures.calls > figures.tasks) marks.push(`retry \u00d7${count(figures.calls - figures.tasks)}`);
  if (figures.steps > 0) marks.push(plural(figures.steps, "step"));
  return marks;
}
