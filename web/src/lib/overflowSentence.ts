import type { OverflowRoute } from "../api/types.ts";
import { plural } from "./format.ts";

const namedMax = 3;

/** What overflowed and what to do about it; undefined when everything fits. */
export function overflowSentence(overflow: readonly OverflowRoute[]): string | undefined {
  const first = overflow[0];
  if (first === undefined) return undefined;
  const named = overflow.slice(0, namedMax).map((one) => `${one.method} ${one.route}`.trim()).join(", ");
  const records = overflow.reduce((sum, one) => sum + one.records, 0);
  const advice = first.kind === "db" ? "Send statements with placeholders" : "Send the route as a template (http.route)";
  return `Too many operations: ${plural(records, "record")} or more are counted together, mostly ${named}. ${advice} so that they count apart.`;
}
