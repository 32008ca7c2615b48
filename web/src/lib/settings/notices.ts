import type { Delivery } from "../../api/types.ts";

// Notices that go out, in words. Pure.

export const noticeTypes: { type: string; when: string }[] = [
  { type: "approval.opened", when: "something waits for people" },
  { type: "approval.reminder", when: "half, then nine tenths of its time are over" },
  { type: "approval.decided", when: "it was decided, or its time ran out" },
  { type: "incident.opened", when: "a new problem" },
  { type: "incident.status_changed", when: "a problem moved on" },
  { type: "run.dead_lettered", when: "a run failed in every attempt" },
  { type: "publication.done", when: "a ticket or pull request exists" },
  { type: "publication.failed", when: "one was given up, or nobody knows" },
];

const states: Record<Delivery["state"], string> = { pending: "On its way", delivered: "Delivered", failed: "Given up", dropped: "Dropped, too many waited" };

export function deliveryStateText(delivery: Pick<Delivery, "state" | "attempts">): string {
  if (delivery.state === "pending" && delivery.attempts > 0) return "Will be tried again";
  return Object.hasOwn(states, delivery.state) ? states[delivery.state] : delivery.state;
}

/** "answered 503" or why there was no answer. */
export function outcomeText(delivery: Pick<Delivery, "status" | "error" | "attempts" | "state">): string {
  if (delivery.attempts === 0) return "not sent yet";
  if (delivery.error !== "") return delivery.error;
  return delivery.status === 0 ? "no answer" : `answered ${delivery.status}`;
}

export interface TestEnd {
  good: boolean;
  sentence: string;
  /** The way out; empty when all is well. */
  advice: string;
}

/** What deliveries to Slack name in place of a webhook. */
export const slackEndpoint = "slack";

/** How a test ended; undefined while it is on its way. */
export function testEnd(delivery: Delivery): TestEnd | undefined {
  if (delivery.state === "pending") return undefined;
  if (delivery.endpoint === slackEndpoint) return testEndInSlack(delivery);
  if (delivery.state === "delivered") return { good: true, sentence: `The receiver answered ${delivery.status}.`, advice: "" };
  return { good: false, sentence: delivery.error === "" ? "It was not delivered." : `It was not delivered: ${delivery.error}.`, advice: adviceFor(delivery.status) };
}

/** Slack answers 200 also when it refuses; the error says what it said and the way out. */
function testEndInSlack(delivery: Delivery): TestEnd {
  if (delivery.state === "delivered") return { good: true, sentence: "It is in the channel.", advice: "" };
  return { good: false, sentence: delivery.error === "" ? "It was not delivered." : `It was not delivered: ${delivery.error}.`, advice: "" };
}

function adviceFor(status: number): string {
  if (status === 0) return "Nobody answered in time, or the address may not be called. Check that the address is right, that it listens, and that forge.webhooks.allow names it when it is not public.";
  if (status >= 300 && status < 400) return "Redirects are not followed. Put the address it points to here.";
  if (status === 401 || status === 403 || status === 400) return "The receiver did not believe it. Check that it verifies with this webhook\u2019s secret, over the raw bytes.";
  if (status === 404) return "Nothing is at that path. Check the address.";
  if (status === 410) return "The receiver says that it is gone for good, so this webhook was switched off.";
  return "The receiver failed; its own log has more.";
}

/** The origin of an address: what stays after it may be a secret of the receiver's. */
export function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

/** What a receiver does, to paste. */
export function verifySnippet(): string {
  return [
    "import { Webhook } from \"standardwebhooks\";",
    "",
    "const body = await readRaw(request);  // The bytes as they came.",
    "const notice = new Webhook(process.env.REPRISE_SECRET)",
    "  .verify(body, request.headers);     // Throws when it is not ours.",
    "if (await isNew(request.headers[\"webhook-id\"]))",
    "  await handle(notice.type, notice.data);",
  ].join("\n");
}
