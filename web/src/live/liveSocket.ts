import type { LiveEvent, LiveMessage } from "../api/types.ts";
import { Backoff } from "./backoff.ts";

// Owns the live connection: connect, subscribe, resume after the last sequence number, notice silence,
// come back with growing waits. Events are collected and handed over once per frame. A gap (told by the
// server, or our own buffer running over) is handed over as onGap: load everything again.

/** What it needs of a WebSocket; tests give their own. */
export interface SocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((closed: { code: number }) => void) | null;
  onerror: (() => void) | null;
}

export interface LivePorts {
  open: () => SocketLike;
  now: () => number;
  random: () => number;
  setTimer: (work: () => void, ms: number) => number;
  clearTimer: (timer: number) => void;
  /** Calls once, at the next frame, or within a second when the page is hidden. */
  onFrame: (work: () => void) => void;
}

export type LiveStatus =
  | { phase: "connecting" }
  | { phase: "live" }
  | { phase: "waiting"; untilMs: number; tries: number }
  | { phase: "off" };

export interface LiveHandlers {
  onEvents: (events: LiveEvent[]) => void;
  onGap: () => void;
  onStatus: (status: LiveStatus) => void;
  onSignedOut: () => void;
  /** Each greeting: the subscription stands. `version` is the server's. On the very first one `since` is
   *  the sequence number from which on events come; what was loaded before may lack some. */
  onReady: (version: string, since: number | undefined) => void;
}

/** Events kept between two frames; more at once means loading again is cheaper. */
export const bufferMax = 2000;
/** Connected this long without trouble: the next trouble starts with short waits again. */
export const healthyMs = 60_000;
/** No greeting within this time: the try failed. */
export const greetingLimitMs = 10_000;
const heartbeatDefaultMs = 15_000;

export const closeCodes = { signedOut: 4001, forbidden: 4003, slow: 4008 } as const;

export class LiveSocket {
  private socket: SocketLike | undefined;
  private topics: string[] = [];
  private epoch: string | undefined;
  private after: number | undefined;
  private buffer: LiveEvent[] = [];
  private overflowed = false;
  private frameAsked = false;
  private greeted = false;
  private heardAt = 0;
  private heartbeatMs = heartbeatDefaultMs;
  private timer: number | undefined;
  private healthyTimer: number | undefined;
  private running = false;
  private readonly backoff: Backoff;

  constructor(private readonly ports: LivePorts, private readonly handlers: LiveHandlers) {
    this.backoff = new Backoff(ports.random);
  }

  start(topics: string[]): void {
    if (this.running) return this.setTopics(topics);
    this.topics = topics;
    this.running = true;
    this.connect();
  }

  /** Closes; the next start goes on after the last event taken. */
  stop(): void {
    this.running = false;
    this.drop();
    this.clearTimers();
    this.handlers.onStatus({ phase: "off" });
  }

  /** Asks for these topics from now on; what was asked before and is missing here ends. */
  setTopics(topics: string[]): void {
    if (topics.length === this.topics.length && topics.every((topic, at) => topic === this.topics[at])) return;
    this.topics = topics;
    if (this.greeted) this.subscribe();
  }

  /** The network came back or the page is looked at again: do not wait any longer. */
  retryNow(): void {
    if (!this.running || this.socket !== undefined) return;
    this.clearTimers();
    this.backoff.reset();
    this.connect();
  }

  private connect(): void {
    this.handlers.onStatus({ phase: "connecting" });
    let socket: SocketLike;
    try {
      socket = this.ports.open();
    } catch {
      this.wait();
      return;
    }
    this.socket = socket;
    this.greeted = false;
    socket.onopen = () => this.subscribe();
    socket.onmessage = (message) => this.take(message.data);
    socket.onclose = (closed) => this.onClosed(socket, closed.code);
    socket.onerror = () => undefined;  // A close always follows.
    this.heardAt = this.ports.now();
    this.arm(greetingLimitMs);
  }

  private subscribe(): void {
    const text: { subscribe: string[]; epoch?: string; after?: number } = { subscribe: this.topics };
    if (this.epoch !== undefined && this.after !== undefined) {
      text.epoch = this.epoch;
      text.after = this.after;
    }
    this.socket?.send(JSON.stringify(text));
  }

  private take(data: unknown): void {
    this.heardAt = this.ports.now();
    const message = parseMessage(data);
    if (message === undefined) return;
    if (message.type === "hello") this.onHello(message);
    else if (message.type === "resync") this.onResync(message.as_of);
    else this.onEvent(message as LiveEvent);
  }

  private onHello(hello: Extract<LiveMessage, { type: "hello" }>): void {
    const first = this.epoch === undefined;
    const otherHistory = !first && this.epoch !== hello.epoch;
    if (first || otherHistory) this.after = hello.seq;
    this.epoch = hello.epoch;
    if (hello.heartbeat_ms > 0) this.heartbeatMs = hello.heartbeat_ms;
    if (otherHistory) this.gap();
    if (!this.greeted) {
      this.greeted = true;
      this.handlers.onStatus({ phase: "live" });
      this.healthyTimer = this.ports.setTimer(() => this.backoff.reset(), healthyMs);
    }
    this.arm(this.heartbeatMs);
    this.handlers.onReady(hello.server_version, first ? hello.seq : undefined);
  }

  private onResync(asOf: number): void {
    this.after = asOf;
    this.gap();
  }

  private gap(): void {
    this.buffer = [];
    this.overflowed = false;
    this.handlers.onGap();
  }

  private onEvent(event: LiveEvent): void {
    if (this.after !== undefined && event.seq <= this.after) return;
    this.after = event.seq;
    if (this.overflowed) return;
    if (this.buffer.length >= bufferMax) {
      this.overflowed = true;
      this.buffer = [];
    } else {
      this.buffer.push(event);
    }
    if (this.frameAsked) return;
    this.frameAsked = true;
    this.ports.onFrame(() => this.flush());
  }

  private flush(): void {
    this.frameAsked = false;
    if (this.overflowed) {
      this.gap();
      return;
    }
    const events = this.buffer;
    this.buffer = [];
    if (events.length > 0) this.handlers.onEvents(events);
  }

  /** The watchdog: two silent heartbeats and a question without an answer mean the line is dead. */
  private arm(ms: number): void {
    if (this.timer !== undefined) this.ports.clearTimer(this.timer);
    this.timer = this.ports.setTimer(() => this.watch(), ms);
  }

  private watch(): void {
    this.timer = undefined;
    const silent = this.ports.now() - this.heardAt;
    if (!this.greeted || silent >= 3 * this.heartbeatMs) {
      this.drop();
      this.wait();
      return;
    }
    // Subscribing again changes nothing and is answered with a greeting.
    if (silent >= 2 * this.heartbeatMs) this.subscribe();
    this.arm(this.heartbeatMs);
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    this.greeted = false;
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close(1000);
  }

  private onClosed(socket: SocketLike, code: number): void {
    if (socket !== this.socket) return;
    this.drop();
    this.clearTimers();
    if (code === closeCodes.signedOut) {
      this.running = false;
      this.handlers.onStatus({ phase: "off" });
      this.handlers.onSignedOut();
      return;
    }
    if (code === closeCodes.slow) this.gap();
    this.wait();
  }

  private wait(): void {
    this.clearTimers();
    if (!this.running) return;
    const ms = this.backoff.nextMs();
    this.handlers.onStatus({ phase: "waiting", untilMs: this.ports.now() + ms, tries: this.backoff.tries });
    this.timer = this.ports.setTimer(() => {
      this.timer = undefined;
      this.connect();
    }, ms);
  }

  private clearTimers(): void {
    if (this.timer !== undefined) this.ports.clearTimer(this.timer);
    if (this.healthyTimer !== undefined) this.ports.clearTimer(this.healthyTimer);
    this.timer = this.healthyTimer = undefined;
  }
}

function parseMessage(data: unknown): LiveMessage | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const message = JSON.parse(data) as Record<string, unknown> | null;
    if (typeof message !== "object" || message === null) return undefined;
    return fits(message) ? (message as unknown as LiveMessage) : undefined;
  } catch {
    return undefined;
  }
}

function fits(message: Record<string, unknown>): boolean {
  switch (message.type) {
    case "hello": return typeof message.epoch === "string" && typeof message.seq === "number";
    case "resync": return typeof message.as_of === "number";
    default:
      return typeof message.type === "string" && typeof message.seq === "number" && typeof message.topic === "string"
        && typeof message.data === "object" && message.data !== null;
  }
}
