import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { replayDelivery } from "../../api/settingsActions.ts";
import type { Delivery } from "../../api/types.ts";
import { shortId } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { objectUrl } from "../../lib/settings/objects.ts";
import { deliveryStateText, outcomeText } from "../../lib/settings/notices.ts";
import { Time } from "../parts.tsx";
import { announce } from "../toasts.tsx";
import { announceProblem } from "./pieces.tsx";

function Outcome(props: { delivery: Delivery }): JSX.Element {
  const { delivery } = props;
  const good = delivery.state === "delivered";
  return (
    <>
      <span class={good ? "" : delivery.state === "pending" ? "quiet" : "bad"}>{visible(outcomeText(delivery))}</span>
      <div class="small quiet">{delivery.attempts === 0 ? "waits" : `attempt ${delivery.attempts}`}{delivery.due_at === undefined ? "" : <>, {delivery.attempts === 0 ? "due" : "again"} <Time at={delivery.due_at} relative /></>}</div>
      {delivery.snippet === "" ? null : <details class="small"><summary>What it answered</summary><pre class="code code-boxed code-wrap" tabIndex={0} aria-label="Answer">{visible(delivery.snippet)}</pre></details>}
    </>
  );
}

/** Notices on their way out and how they ended. A replay sends the same notice again, under the same message id. */
export function DeliveryTable(props: { deliveries: Delivery[]; nameOf?: (endpoint: string) => JSX.Element | string; picked?: string }): JSX.Element {
  const [busy, setBusy] = useState("");
  const replay = async (delivery: Delivery): Promise<void> => {
    setBusy(delivery.id);
    const answer = await replayDelivery(delivery.id);
    setBusy("");
    if (answer.ok) announce("It is sent again. A receiver that keeps the webhook-id knows that it is the same notice.");
    else announceProblem(answer.problem);
  };
  return (
    <table class="table table-fold">
      <thead><tr><th>When</th><th>Notice</th><th>State</th><th>Outcome</th><th><span class="unseen">Replay</span></th></tr></thead>
      <tbody>
        {props.deliveries.map((delivery) => {
          const url = objectUrl(delivery.subject);
          const about = `${delivery.subject.split("/")[0] ?? ""} ${shortId(delivery.subject.slice(delivery.subject.indexOf("/") + 1))}`;
          return (
            <tr key={delivery.id} class={delivery.id === props.picked ? "row-picked" : undefined}>
              <td class="nowrap quiet"><Time at={delivery.at} /></td>
              <td class="full"><code>{delivery.type}</code><div class="small quiet">{url === undefined ? about : <a class="link" href={url}>{about}</a>}{props.nameOf === undefined ? null : <> to {props.nameOf(delivery.endpoint)}</>}</div></td>
              <td class="nowrap"><b class={delivery.state === "failed" || delivery.state === "dropped" ? "bad" : delivery.state === "delivered" ? "good" : "quiet"}>{deliveryStateText(delivery)}</b></td>
              <td class="roomy"><Outcome delivery={delivery} /></td>
              <td class="right">{delivery.state === "pending" ? null : <button type="button" class="button button-small" disabled={busy === delivery.id} aria-label={`Replay ${delivery.type}`} onClick={() => void replay(delivery)}>Replay</button>}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
