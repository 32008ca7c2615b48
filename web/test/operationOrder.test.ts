import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperationState } from "../src/api/types.ts";
import { groupOperations } from "../src/lib/operationOrder.ts";

type Change = Partial<Omit<OperationState, "operation">> & { operation?: Partial<OperationState["operation"]> };

function state(name: string, change: Change = {}): OperationState {
  const { operation, ...rest } = change;
  return {
    operation: { id: `${name} ${operation?.source ?? "span"}`, source: "span", kind: "server", service: "shop", protocol: "http", method: "GET", route: name, name, ...operation },
    last_window_at: "2026-11-21T03:00:00Z", requests: 10, failing: 0, p50_ms: 1, p95_ms: 2, baseline_requests: 100, baseline_failing: 0, baseline_p50_ms: 1, baseline_p95_ms: 2,
    baseline_windows: 9, baseline_state: "ready", ...rest,
  };
}

const names = (states: OperationState[]): string[] => groupOperations(states).map((group) => group.lead.operation.name);

test("what fails or slowed down comes first, then what is called from outside, then the busiest", () => {
  const slow = state("slow", { p95_ms: 9, operation: { kind: "db" } });
  const failing = state("failing", { failing: 4 });

  assert.deepEqual(names([state("SELECT", { operation: { kind: "db" }, requests: 900 }), state("calm"), state("busy", { requests: 50 }), slow, failing]), ["failing", "slow", "busy", "calm", "SELECT"]);
});

test("what always failed and always was slow is not affected", () => {
  const usual = state("usual", { failing: 4, baseline_failing: 40, p95_ms: 3 });
  const fresh = state("fresh", { baseline_p95_ms: 0, baseline_requests: 0, p95_ms: 900, requests: 5 });

  assert.deepEqual(names([fresh, usual]), ["usual", "fresh"]);
});

test("one operation of two sources is one row, led by the source with more calls", () => {
  const [group, other] = groupOperations([state("GET /", { requests: 7 }), state("GET /", { requests: 9, operation: { source: "rrpair" } }), state("GET /", { operation: { kind: "client" } })]);

  assert.equal(group?.lead.operation.source, "rrpair");
  assert.deepEqual(group?.others.map((each) => each.operation.source), ["span"]);
  assert.equal(other?.lead.operation.kind, "client");
});

test("no operation, no row", () => assert.deepEqual(groupOperations([]), []));
