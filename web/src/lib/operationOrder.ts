import type { OperationState } from "../api/types.ts";

// In which order a service's operations are read. Pure.

/** One operation; `others` are the same calls told by another source. */
export interface OperationGroup {
  lead: OperationState;
  others: OperationState[];
}

const kinds: OperationState["operation"]["kind"][] = ["server", "messaging", "client", "db", "internal"];

/** Only for the order: what is worth a look, well below what would be a signal. */
const moreFailing = 0.05;
const timesSlower = 2;

function shareOf(k: number, n: number): number {
  return n === 0 ? 0 : k / n;
}

function isAffected(state: OperationState): boolean {
  if (shareOf(state.failing, state.requests) - shareOf(state.baseline_failing, state.baseline_requests) >= moreFailing) return true;
  return state.baseline_p95_ms > 0 && state.p95_ms >= timesSlower * state.baseline_p95_ms;
}

/** Affected ones first, then by who calls them, then the busiest; the source with the most calls speaks for an operation. */
export function groupOperations(states: readonly OperationState[]): OperationGroup[] {
  const groups = new Map<string, OperationState[]>();
  for (const state of states) {
    const { kind, protocol, name } = state.operation;
    const key = `${kind} ${protocol} ${name}`;
    groups.set(key, [...(groups.get(key) ?? []), state]);
  }
  const made = [...groups.values()].map((group): OperationGroup => {
    const [lead, ...others] = [...group].sort((a, b) => b.requests - a.requests || a.operation.source.localeCompare(b.operation.source));
    return { lead: lead!, others };
  });
  const affected = (group: OperationGroup): number => Number([group.lead, ...group.others].some(isAffected));
  const rank = (group: OperationGroup): number => kinds.indexOf(group.lead.operation.kind);
  return made.sort((a, b) => affected(b) - affected(a) || rank(a) - rank(b) || b.lead.requests - a.lead.requests || a.lead.operation.name.localeCompare(b.lead.operation.name));
}
