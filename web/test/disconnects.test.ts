import assert from "node:assert/strict";
import { test } from "node:test";
import type { Incident, LiveEvent } from "../src/api/types.ts";
import { unreachableProblem } from "../src/api/problem.ts";
import { LiveSocket } from "../src/live/liveSocket.ts";
import type { SocketLike } from "../src/live/liveSocket.ts";
import type { AppEvent } from "../src/state/events.ts";
import { initialState, reduce } from "../src/state/reduce.ts";
import type { Rows } from "../src/state/resources.ts";
import { incident } from "./examples.ts";

// A server that commits, forgets and restarts, a line that breaks wherever it likes, answers that come late or
// never: in the end the screen holds what the server holds.

const path = "/incidents";
const keptEvents = 40;

class FakeLine implements SocketLike {
  broken = false;
  subscribed = false;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((closed: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(private readonly onSend: (line: FakeLine, said: { epoch?: string; after?: number }) => void) {}
  send(text: string): void { if (!this.broken) this.onSend(this, JSON.parse(text) as { epoch?: string; after?: number }); }
  close(): void { this.broken = true; }
  says(message: unknown): void { if (!this.broken) this.onmessage?.({ data: JSON.stringify(message) }); }
}

class Server {
  epoch = 1;
  seq = 100;
  rows = new Map<string, Incident>();
  private log: LiveEvent[] = [];
  lines = new Set<FakeLine>();

  commit(row: Incident): void {
    this.rows.set(row.id, row);
    this.seq += 1;
    const event: LiveEvent = { epoch: String(this.epoch), seq: this.seq, topic: "incidents", type: "incident", at: "2026-11-20T03:01:00Z", id: row.id, rev: row.version, data: row };
    this.log = [...this.log, event].slice(-keptEvents);
    for (const line of this.lines) if (line.subscribed) line.says(event);
  }

  subscribe(line: FakeLine, said: { epoch?: string; after?: number }): void {
    const known = said.epoch === String(this.epoch) && said.after !== undefined ? said.after : undefined;
    line.subscribed = true;
    line.says({ type: "hello", epoch: String(this.epoch), seq: this.seq, server_version: "1", heartbeat_ms: 15000 });
    if (known === undefined) return;
    const missed = this.log.filter((event) => event.seq > known);
    if (known < this.seq && missed[0]?.seq !== known + 1) line.says({ type: "resync", as_of: this.seq });
    else for (const event of missed) line.says(event);
  }

  /** Its history is lost: numbers begin anew. */
  forget(): void {
    this.epoch += 1;
    this.seq = 5;
    this.log = [];
  }
}

class Client {
  state = initialState;
  lines: FakeLine[] = [];
  private timers: { id: number; at: number; work: () => void }[] = [];
  private frames: (() => void)[] = [];
  private ids = 0;
  nowMs = 0;
  /** Answers that are under way, each as the server was when it was asked. */
  answers: (() => void)[] = [];
  socket: LiveSocket;

  constructor(readonly server: Server) {
    this.socket = new LiveSocket(
      {
        open: () => { const line = new FakeLine((each, said) => this.server.subscribe(each, said)); this.lines.push(line); this.server.lines.add(line); return line; },
        now: () => this.nowMs, random: () => 0.5,
        setTimer: (work, ms) => { const id = ++this.ids; this.timers.push({ id, at: this.nowMs + ms, work }); return id; },
        clearTimer: (id) => { this.timers = this.timers.filter((each) => each.id !== id); },
        onFrame: (work) => { this.frames.push(work); },
      },
      {
        onEvents: (events) => this.take({ type: "live_batch", events }), onGap: () => this.take({ type: "live_gap" }), onStatus: () => undefined, onSignedOut: () => undefined,
        onReady: (_version, since) => { if (since !== undefined) this.take({ type: "live_started", seq: since }); },
      },
    );
    this.socket.start(["incidents"]);
  }

  take(event: AppEvent): void { this.state = reduce(this.state, event); }
  get line(): FakeLine { return this.lines[this.lines.length - 1]!; }
  frame(): void { for (const work of this.frames.splice(0)) work(); }

  /** As a screen does: ask when there is nothing, or what there is got stale. */
  look(): void {
    const held = this.state.resources[path];
    if (held !== undefined && (held.phase === "loading" || !(held.stale || held.phase === "failed"))) return;
    this.take({ type: "load_started", kind: "incidents", path });
    const [items, asOfSeq] = [[...this.server.rows.values()].reverse(), this.server.seq];
    this.answers.push(() => this.take({ type: "loaded", kind: "incidents", path, asOfSeq, at: this.nowMs, data: { items, fresh: [], freshMore: 0 } }));
  }

  fail(): void {
    if (this.answers.pop() !== undefined) this.take({ type: "load_failed", kind: "incidents", path, problem: unreachableProblem(path) });
  }

  pass(ms: number): void {
    const until = this.nowMs + ms;
    for (let next = this.due(until); next !== undefined; next = this.due(until)) {
      this.timers = this.timers.filter((each) => each !== next);
      this.nowMs = next.at;
      next.work();
    }
    this.nowMs = until;
  }

  private due(until: number): { id: number; at: number; work: () => void } | undefined {
    return this.timers.filter((each) => each.at <= until).sort((a, b) => a.at - b.at)[0];
  }

  rows(): Incident[] {
    this.take({ type: "fresh_shown", path });
    return (this.state.resources[path]?.data as Rows<Incident> | undefined)?.items ?? [];
  }
}

function settle(client: Client): void {
  for (let tries = 0; tries < 100 && !(client.line.subscribed && !client.line.broken); tries++) {
    if (client.line.broken) client.pass(1000);
    else client.line.onopen?.();
  }
  for (let round = 0; round < 4; round++) {
    client.frame();
    client.rows();
    client.look();
    for (const answer of client.answers.splice(0)) answer();
  }
}

function agree(client: Client, seed: number): void {
  const ordered = (rows: Iterable<Incident>): [string, number, string][] => [...rows].map((row): [string, number, string] => [row.id, row.version, row.title]).sort((a, b) => a[0].localeCompare(b[0]));
  assert.deepEqual(ordered(client.rows()), ordered(client.server.rows.values()), `seed ${seed}`);
}

function run(seed: number, disconnects: number): void {
  let state = seed;
  const random = (below: number): number => (state = (state * 1103515245 + 12345) % 2147483648) % below;
  const server = new Server();
  const client = new Client(server);
  const acts: (() => void)[] = [
    () => server.commit(incident({ id: `I${server.rows.size}`, title: `new ${server.seq}` })),
    () => {
      const held = [...server.rows.values()][random(Math.max(1, server.rows.size))];
      if (held !== undefined) server.commit({ ...held, version: held.version + 1, title: `changed ${server.seq}` });
    },
    () => client.frame(), () => client.look(), () => client.answers.shift()?.(), () => client.fail(),
    () => client.pass(random(3000)), () => { if (!client.line.subscribed) client.line.onopen?.(); },
  ];
  for (let broken = 0; broken < disconnects;) {
    for (let i = random(12); i > 0; i--) acts[random(acts.length)]!();
    const line = client.line;
    if (line.broken) {
      client.pass(40_000);
      continue;
    }
    line.broken = true;
    server.lines.delete(line);
    if (random(25) === 0) server.forget();
    line.onclose?.({ code: [1006, 1012, 4008, 4009][random(4)]! });
    broken += 1;
    if (broken % 10 === 0) {
      settle(client);
      agree(client, seed);
    }
  }
  settle(client);
  agree(client, seed);
}

for (const seed of [1, 7, 42]) {
  test(`after 500 interruptions the screen holds what the server holds, seed ${seed}`, () => run(seed, 500));
}
