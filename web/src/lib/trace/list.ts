import type { TraceSummary } from "../../api/traceTypes.ts";
import { duration, plural } from "../format.ts";

// Words of the list of traces. Pure.

const steps = ["100", "1000", "10000", "60000"];

/** The choices of the shortest duration; the one in the address is always among them. */
export function durationOptions(current: string): { value: string; text: string }[] {
  const isOther = current !== "" && !steps.includes(current) && /^\d+$/.test(current);
  const all = isOther ? [...steps, current].sort((a, b) => Number(a) - Number(b)) : steps;
  return [{ value: "", text: "Any" }, ...all.map((value) => ({ value, text: duration(Number(value)) }))];
}

/** What the list says at once: how many, and how many of them need a look. */
export function listSentence(traces: readonly TraceSummary[], isMore: boolean, isFiltered: boolean): string {
  if (traces.length === 0) return isFiltered ? "No trace fits." : "No trace has been analysed yet.";
  const found = traces.filter((each) => each.findings.length > 0).length;
  const failed = traces.filter((each) => each.failed_count > 0).length;
  const told = found === 0 && failed === 0 ? "nothing stands out" : `${found === 0 ? "none has a finding" : `${found} ${found === 1 ? "has" : "have"} a finding`}, ${failed === 0 ? "none failed" : `${failed} failed somewhere`}`;
  return `${plural(traces.length, "trace")}${isMore ? " and more" : ""}, newest first: ${told}.`;
}
