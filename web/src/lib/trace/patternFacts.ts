import type { PatternReport, TraceFigures } from "../../api/traceTypes.ts";
import { count, ofTotal, percent, plural, short } from "../format.ts";
import { ns } from "./words.ts";

// What the analyses reveal of one pattern, as facts and one sentence. Pure.

export interface Fact {
  name: string;
  value: string;
  /** What it means or what it is compared with. */
  note?: string;
}

const times = (value: number): string => `${short(value)}\u00d7`;

function fanoutFacts(f: TraceFigures, report: PatternReport): Fact[] {
  const limit = f.limit;
  const facts: Fact[] = [
    { name: "At once", value: `${count(f.peak)} of ${count(f.members)}`, note: limit === undefined ? "no limit is said" : `the limit is ${count(limit)}` },
    { name: "Longest in a queue", value: ns(f.queue_longest_ns), note: f.queue_longest_ns === 0 ? "all began at once" : "from when it could have begun" },
    { name: "Longest member", value: ns(f.longest_ns), note: `median ${ns(f.median_ns)}` },
  ];
  const n = report.stragglers.reduce((sum, each) => sum + each.traces, 0);
  facts.push({ name: "Stragglers", value: n === 0 ? "none" : `in ${ofTotal(Math.min(n, report.traces), report.traces)} traces`, ...(f.straggler_delay_ns > 0 ? { note: `each adds ${ns(f.straggler_delay_ns)}` } : {}) });
  return facts;
}

function dagFacts(f: TraceFigures, report: PatternReport): Fact[] {
  return [
    { name: "Branches", value: count(f.members), note: `${count(f.peak)} at once` },
    { name: "Slowest branch", value: ns(f.longest_ns), note: `${ns(Math.max(0, f.longest_ns - f.median_ns))} longer than the median: so much slack the others have` },
    ...fanoutFacts(f, report).slice(3),
  ];
}

function retryFacts(f: TraceFigures, report: PatternReport): Fact[] {
  return [
    { name: "Amplification", value: times(report.amplification ?? 1), note: "attempts for each task, over all traces" },
    { name: "Attempts", value: `${count(f.calls)} for ${plural(f.tasks, "task")}`, note: "typical trace" },
    { name: "Given up", value: `in ${ofTotal(report.exhausted_traces, report.traces)} traces`, note: "the last attempt failed, too" },
    { name: "Backoff", value: ns(f.backoff_ns), note: "sum of the pauses" },
  ];
}

function reactFacts(f: TraceFigures, report: PatternReport): Fact[] {
  const both = f.think_ns + f.tool_ns;
  const facts: Fact[] = [
    { name: "Steps", value: count(f.steps), note: "median" },
    { name: "Thinking", value: ns(f.think_ns), ...(both > 0 ? { note: percent(f.think_ns / both) } : {}) },
    { name: "Tools", value: ns(f.tool_ns), ...(both > 0 ? { note: percent(f.tool_ns / both) } : {}) },
  ];
  const split = report.steps;
  if (split !== undefined && split.total_ns2 > 0) {
    facts.push({
      name: "Why durations vary", value: `${percent(split.by_steps_ns2 / split.total_ns2)} by steps`, note: `${percent(split.by_time_ns2 / split.total_ns2)} by the time of as many steps`,
    });
  }
  return facts;
}

function ragFacts(f: TraceFigures, report: PatternReport): Fact[] {
  const line = report.payload_line;
  const facts: Fact[] = [];
  if (f.payload_kb !== undefined) facts.push({ name: "Retrieved", value: `${short(f.payload_kb)} KB`, note: "median" });
  if (f.generation_ns !== undefined) facts.push({ name: "Answering", value: ns(f.generation_ns), note: "median" });
  if (line === undefined) return [...facts, { name: "Time by payload", value: "\u2013", note: "from three payload sizes on" }];
  return [
    ...facts,
    { name: "Each KB adds", value: ns(Math.max(0, line.slope)), note: `${ns(Math.max(0, line.intercept))} without any` },
    { name: "Correlation", value: `r = ${short(line.r)}`, note: `${plural(line.points, "trace")}` },
  ];
}

function streamFacts(f: TraceFigures): Fact[] {
  const facts: Fact[] = [];
  const add = (name: string, value: number | undefined, show: (value: number) => string, note?: string): void => {
    if (value !== undefined) facts.push({ name, value: show(value), ...(note === undefined ? {} : { note }) });
  };
  const rate = (value: number): string => `${short(value)} tokens/s`;
  add("First token", f.first_token_ns, ns, "after the start of the stream");
  add("During other work", f.rate_during, rate);
  add("After it", f.rate_after, rate);
  add("Largest gap", f.largest_gap_ns, ns, "between two tokens");
  add("Tail", f.tail_ns, ns, "from the last token to the end");
  return facts;
}

/** What the report of this pattern reveals, in the order of reading. */
export function patternFacts(report: PatternReport): Fact[] {
  const f = report.typical;
  switch (report.pattern) {
    case "fanout": return fanoutFacts(f, report);
    case "dag": return dagFacts(f, report);
    case "chain": return [
      { name: "Depth", value: count(f.chain_depth), note: "one after another" },
      { name: "Share of the whole", value: percent(f.chain_share), note: "of the trace's time" },
    ];
    case "retry": return retryFacts(f, report);
    case "react": return reactFacts(f, report);
    case "human": return [
      { name: "Waited", value: ns(f.waited_human_ns), note: "for a person" },
      { name: "Processing", value: ns(Math.max(0, report.wall_p50_ns - f.waited_human_ns)), note: "the rest, median" },
    ];
    case "rag": return ragFacts(f, report);
    case "stream": return streamFacts(f);
    default: return [];
  }
}

/** One sentence that says what to know of it. */
export function patternSentence(report: PatternReport): string {
  const f = report.typical;
  const top = report.stragglers[0];
  switch (report.pattern) {
    case "fanout": return top !== undefined ? `${top.name} is the slowest in ${ofTotal(top.traces, report.traces)} traces.`
      : f.limit !== undefined && f.peak >= f.limit ? `The limit of ${count(f.limit)} is reached; the longest waits ${ns(f.queue_longest_ns)}.` : `${count(f.members)} run, at most ${count(f.peak)} at once; nobody is much slower than the others.`;
    case "dag": return top !== undefined ? `${top.name} is the slowest branch in ${ofTotal(top.traces, report.traces)} traces.` : `All branches are waited for; the slowest takes ${ns(f.longest_ns)}.`;
    case "chain": return `${count(f.chain_depth)} calls follow each other and take ${percent(f.chain_share)} of the trace.`;
    case "retry": return `Each task takes ${times(report.amplification ?? 1)} attempts; ${report.exhausted_traces === 0 ? "none is given up" : `some are given up in ${ofTotal(report.exhausted_traces, report.traces)} traces`}.`;
    case "react": return f.think_ns >= f.tool_ns ? `Thinking takes longer than the tools: ${ns(f.think_ns)} of ${plural(f.steps, "step")}.` : `The tools take longer than thinking: ${ns(f.tool_ns)} in ${plural(f.steps, "step")}.`;
    case "human": return `A person is waited for ${ns(f.waited_human_ns)} of ${ns(report.wall_p50_ns)}.`;
    case "rag": return report.payload_line === undefined ? "There are too few payload sizes to say how they cost time."
      : Math.abs(report.payload_line.r) < 0.5 ? "How long an answer takes does not follow what was retrieved." : `Each KB that is retrieved adds ${ns(Math.max(0, report.payload_line.slope))} to the answer.`;
    case "stream": return f.rate_during !== undefined && f.rate_after !== undefined && f.rate_during < f.rate_after ? `Tokens come at ${short(f.rate_during)} per second while other work runs, at ${short(f.rate_after)} after it.`
      : f.first_token_ns === undefined ? "Streams do not say when their first token came." : `The first token comes after ${ns(f.first_token_ns)}.`;
    default: return `Half of them take less than ${ns(report.wall_p50_ns)}.`;
  }
}
