import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveEvent } from "../src/api/types.ts";
import { bufferMax, greetingLimitMs, healthyMs, LiveSocket } from "../src/live/liveSocket.ts";
import type { LiveStatus, SocketLike } from "../src/live/liveSocket.ts";
import { event, incident } from "./examples.ts";

class FakeSocket implements SocketLike {
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((closed: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  send(text: string): void { this.sent.push(JSON.parse(text) as Record<string, unknown>); }
  close(): void { this.closed = true; }
  says(message: unknown): void { this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) }); }
}

class World {
  sockets: FakeSocket[] = [];
  timers: { id: number; at: number; work: () => void }[] = [];
  frames: (() => void)[] = [];
  nowMs = 0;
  batches: LiveEvent[][] = [];
  gaps = 0;
  signedOut = 0;
  readies: [string, number | undefined][] = [];
  statuses: LiveStatus[] = [];
  private ids = 0;
  socket = new LiveSocket(
    {
      open: () => { const socket = new FakeSocket(); this.sockets.push(socket); return socket; },
      now: () => this.nowMs,
      random: () => 1,
      setTimer: (work, ms) => { const id = ++this.ids; this.timers.push({ id, at: this.nowMs + ms, work }); return id; },
      clearTimer: (id) => { this.timers = this.timers.filter((each) => each.id !== id); },
      onFrame: (work) => { this.frames.push(work); },
    },
    {
      onEvents: (events) => { this.batches.push(events); }, onGap: () => { this.gaps += 1; }, onStatus: (status) => { this.statuses.push(status); },
      onSignedOut: () => { this.signedOut += 1; }, onReady: (version, since) => { this.readies.push([version, since]); },
    },
  );
  get last(): FakeSocket { return this.sockets[this.sockets.length - 1]!; }
  get status(): LiveStatus { return this.statuses[this.statuses.length - 1]!; }
  frame(): void { for (const work of this.frames.splice(0)) work(); }
  pass(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      const next = this.timers.filter((each) => each.at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.nowMs = next.at;
      next.work();
    }
    this.nowMs = until;
  }
}

function hello(seq: number, epoch = "e1", version = "1"): unknown {
  return { type: "hello", epoch, seq, server_version: version, heartbeat_ms: 15000 };
}

function connected(seq = 100): World {
  const world = new World();
  world.socket.start(["incidents"]);
  world.last.onopen?.();
  world.last.says(hello(seq));
  return world;
}

test("connecting subscribes and is live with the greeting", () => {
  const world = connected();

  assert.deepEqual(world.last.sent, [{ subscribe: ["incidents"] }]);
  assert.equal(world.status.phase, "live");
  assert.deepEqual(world.readies, [["1", 100]]);
});

test("events of one frame arrive as one batch in order", () => {
  const world = connected();

  world.last.says(event(101, "incident", incident()));
  world.last.says(event(102, "incident", incident({ version: 2 })));
  assert.equal(world.batches.length, 0);
  world.frame();

  assert.deepEqual(world.batches.map((each) => each.map((one) => one.seq)), [[101, 102]]);
});

test("an event that came before is not handed over twice", () => {
  const world = connected();

  world.last.says(event(101, "incident", incident()));
  world.last.says(event(101, "incident", incident()));
  world.last.says(event(99, "incident", incident()));
  world.frame();

  assert.deepEqual(world.batches.map((each) => each.map((one) => one.seq)), [[101]]);
});

test("after an interruption it resumes behind the last event", () => {
  const world = connected();
  world.last.says(event(105, "incident", incident()));

  world.last.onclose?.({ code: 1006 });
  assert.deepEqual(world.status, { phase: "waiting", untilMs: 500, tries: 1 });
  world.pass(500);
  world.last.onopen?.();

  assert.equal(world.sockets.length, 2);
  assert.deepEqual(world.last.sent[0], { subscribe: ["incidents"], epoch: "e1", after: 105 });
  assert.equal(world.gaps, 0);
});

test("waits double up to thirty seconds and start over after a healthy minute", () => {
  const world = new World();
  world.socket.start(["incidents"]);
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    world.last.onclose?.({ code: 1006 });
    const status = world.status;
    assert.equal(status.phase, "waiting");
    if (status.phase === "waiting") {
      waits.push(status.untilMs - world.nowMs);
      world.pass(status.untilMs - world.nowMs);
    }
  }
  world.last.onopen?.();
  world.last.says(hello(1));
  for (let passed = 0; passed < healthyMs; passed += 10_000) {
    world.pass(10_000);
    world.last.says(hello(1));
  }
  world.last.onclose?.({ code: 1006 });

  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  assert.deepEqual(world.status, { phase: "waiting", untilMs: world.nowMs + 500, tries: 1 });
});

test("a resync is one gap and events behind it are dropped", () => {
  const world = connected();

  world.last.says(event(101, "incident", incident()));
  world.last.says({ type: "resync", as_of: 300 });
  world.last.says(event(299, "incident", incident()));
  world.last.says(event(301, "incident", incident()));
  world.frame();

  assert.equal(world.gaps, 1);
  assert.deepEqual(world.batches.map((each) => each.map((one) => one.seq)), [[301]]);
});

test("another epoch is a gap and its numbers count anew", () => {
  const world = connected(100);
  world.last.onclose?.({ code: 1012 });
  world.pass(500);
  world.last.onopen?.();

  world.last.says(hello(3, "e2"));
  world.last.says(event(4, "incident", incident()));
  world.frame();

  assert.equal(world.gaps, 1);
  assert.equal(world.batches.length, 1);
});

test("a flood between two frames becomes one gap instead of memory", () => {
  const world = connected(0);

  for (let seq = 1; seq <= bufferMax * 3; seq++) world.last.says(event(seq, "incident", incident()));
  world.frame();
  world.last.says(event(bufferMax * 3 + 1, "incident", incident()));
  world.frame();

  assert.equal(world.gaps, 1);
  assert.deepEqual(world.batches.map((each) => each.length), [1]);
});

test("silence is asked about and without an answer the line is dead", () => {
  const world = connected();

  world.pass(30_000);
  assert.equal(world.last.sent.length, 2);
  assert.equal(world.last.closed, false);
  world.pass(15_000);

  assert.equal(world.sockets[0]!.closed, true);
  assert.equal(world.status.phase, "waiting");
});

test("an answer to the question keeps the line", () => {
  const world = connected();

  for (let i = 0; i < 20; i++) {
    world.pass(30_000);
    world.last.says(hello(100));
  }

  assert.equal(world.sockets.length, 1);
  assert.equal(world.status.phase, "live");
});

test("a server that never greets counts as a failed try", () => {
  const world = new World();
  world.socket.start(["incidents"]);
  world.last.onopen?.();

  world.pass(greetingLimitMs);

  assert.equal(world.sockets[0]!.closed, true);
  assert.equal(world.status.phase, "waiting");
});

test("signed out ends it and nothing is tried again", () => {
  const world = connected();

  world.last.onclose?.({ code: 4001 });
  world.pass(120_000);

  assert.equal(world.signedOut, 1);
  assert.equal(world.sockets.length, 1);
  assert.equal(world.timers.length, 0);
});

test("being too slow means loading again", () => {
  const world = connected();

  world.last.onclose?.({ code: 4008 });

  assert.equal(world.gaps, 1);
  assert.equal(world.status.phase, "waiting");
});

test("other topics are asked for at once, the same ones not again", () => {
  const world = connected();

  world.socket.setTopics(["incidents", "runs/R1"]);
  world.socket.setTopics(["incidents", "runs/R1"]);

  assert.deepEqual(world.last.sent[1], { subscribe: ["incidents", "runs/R1"], epoch: "e1", after: 100 });
  assert.equal(world.last.sent.length, 2);
});

test("starting again while connected asks for the new topics", () => {
  const world = connected();

  world.socket.start(["incidents", "runs/R1"]);

  assert.equal(world.sockets.length, 1);
  assert.deepEqual(world.last.sent[1]?.subscribe, ["incidents", "runs/R1"]);
});

test("after a stop it goes on behind the last event and misses nothing", () => {
  const world = connected();
  world.last.says(event(104, "incident", incident()));

  world.socket.stop();
  world.socket.start(["incidents"]);
  world.last.onopen?.();
  world.frame();

  assert.deepEqual(world.last.sent[0], { subscribe: ["incidents"], epoch: "e1", after: 104 });
  assert.deepEqual(world.batches.map((each) => each.map((one) => one.seq)), [[104]]);
});

test("the network coming back does not wait for the timer", () => {
  const world = connected();
  world.last.onclose?.({ code: 1006 });

  world.socket.retryNow();

  assert.equal(world.sockets.length, 2);
  assert.equal(world.status.phase, "connecting");
  world.last.onopen?.();
  world.last.says(hello(100));
  assert.equal(world.status.phase, "live");
});

test("what is not a message of the protocol is ignored", () => {
  const world = connected();

  for (const text of ["", "null", "[]", "{", "5", "{\"type\":5}", "{\"type\":\"incident\"}", "{\"type\":\"incident\",\"seq\":\"7\",\"topic\":\"incidents\",\"data\":{}}", "{\"type\":\"incident\",\"seq\":101,\"topic\":\"incidents\",\"data\":null}", "{\"type\":\"resync\"}", "{\"type\":\"hello\"}"]) world.last.says(text);
  world.last.onmessage?.({ data: new Uint8Array(3) });
  world.frame();

  assert.equal(world.batches.length, 0);
  assert.equal(world.gaps, 0);
  assert.equal(world.status.phase, "live");
});
