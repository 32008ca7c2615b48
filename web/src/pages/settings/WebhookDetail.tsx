import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { withQuery } from "../../api/endpoints.ts";
import { changeWebhook, removeWebhook, rotateSecret, sendTest } from "../../api/settingsActions.ts";
import type { WebhookSecret } from "../../api/settingsActions.ts";
import type { Webhook } from "../../api/types.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { DeliveryTable } from "../../components/settings/DeliveryTable.tsx";
import { announceProblem, PartHead, useRefresh } from "../../components/settings/pieces.tsx";
import { TestCard } from "../../components/settings/TestCard.tsx";
import { Icon } from "../../components/icons.tsx";
import { Filter, FilteredOut, ListCard, More } from "../../components/ListParts.tsx";
import { Card, Empty, Loaded, Time } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { auditUrl } from "../../lib/settings/objects.ts";
import { hostOf } from "../../lib/settings/notices.ts";
import { go, query } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";
import { WebhookForm } from "./WebhookForm.tsx";

type Asking = "none" | "remove" | "rotate";

function Deeds(props: { webhook: Webhook; onSecret: (made: WebhookSecret) => void }): JSX.Element {
  const { webhook } = props;
  const [asking, setAsking] = useState<Asking>("none");
  const [hours, setHours] = useState(24);
  const host = hostOf(webhook.url);
  const close = (): void => setAsking("none");
  const turn = async (enabled: boolean, version: number): Promise<void> => {
    const answer = await changeWebhook(webhook.id, version, { enabled });
    if (!answer.ok) return announceProblem(answer.problem);
    announce(enabled ? "It gets notices again." : "It gets no more notices; what waited for it is given up.", () => void turn(!enabled, answer.value.item.version));
  };
  const rotate = async (): ReturnType<typeof rotateSecret> => {
    const answer = await rotateSecret(webhook.id, hours);
    if (answer.ok) props.onSecret(answer.value);
    return answer;
  };
  return (
    <div class="line wrap">
      <button type="button" class="button" onClick={() => void turn(!webhook.enabled, webhook.version)}>{webhook.enabled ? "Switch off" : "Switch on"}</button>
      <button type="button" class="button" onClick={() => setAsking("rotate")}>New secret</button>
      <button type="button" class="button button-danger" onClick={() => setAsking("remove")}>Remove</button>
      <a class="link" href={auditUrl({ object: `webhook/${webhook.id}`, order: "newest" })}>Who changed it</a>
      {asking === "rotate" ? (
        <ActionDialog title="Make a new secret?" verb="Make a new secret" danger={hours === 0} explain={<>{hours === 0 ? "The old one stops signing at once: for one that leaked. Until the receiver has the new one it believes nothing." : "Notices are signed with both for that long, so that the receiver can be changed without losing any."}</>} act={rotate} onDone={close} onClose={close}
          fields={<label class="line">The old one signs along for <select class="field hours" value={String(hours)} onChange={(event) => setHours(Number(event.currentTarget.value))}>{[0, 1, 24, 72, 168].map((each) => <option value={String(each)} selected={each === hours}>{each === 0 ? "no time" : each < 48 ? `${each} h` : `${each / 24} days`}</option>)}</select></label>} />
      ) : null}
      {asking === "remove" ? (
        <ActionDialog title="Remove this webhook?" verb="Remove for good" danger typed={host} explain={<>{host} is told nothing more. Its secret, its deliveries and what waits for it go, too. To pause it instead, switch it off.</>}
          act={() => removeWebhook(webhook.id)} onDone={() => { close(); go(urls.settings("webhooks"), true); announce("The webhook is removed."); }} onClose={close} />
      ) : null}
    </div>
  );
}

const states = [{ value: "", text: "All" }, { value: "pending", text: "On their way" }, { value: "delivered", text: "Delivered" }, { value: "failed", text: "Given up" }, { value: "dropped", text: "Dropped" }];

function Deliveries(props: { webhook: Webhook }): JSX.Element {
  const state = query.value.get("state") ?? "";
  const path = withQuery("/deliveries", { endpoint: props.webhook.id, state });
  const resource = useResource("deliveries", path);
  useRefresh("/deliveries", resource?.data?.items.some((each) => each.state === "pending" && each.attempts === 0) ?? false);
  return (
    <ListCard title="Deliveries" head={<Filter name="state" label="State" options={states} />}>
      <Loaded resource={resource} lines={3}>
        {(rows) => rows.items.length > 0 ? <><DeliveryTable deliveries={rows.items} /><More kind="deliveries" path={path} rows={rows} /></>
          : state !== "" ? <FilteredOut what="delivery" clear={urls.settings("webhooks", props.webhook.id)} /> : <Empty title="Nothing was sent there so far."><p>Send a test to see that it arrives; the next notice comes by itself.</p></Empty>}
      </Loaded>
    </ListCard>
  );
}

export function WebhookDetail(props: { webhook: Webhook; onSecret: (made: WebhookSecret) => void }): JSX.Element {
  const { webhook } = props;
  const host = hostOf(webhook.url);
  useTitle(`Webhook to ${host}`);
  return (
    <>
      <PartHead title={webhook.enabled ? `${webhook.description || host} is told about ${webhook.types.length === 0 ? "everything" : webhook.types.join(", ")}.` : `${webhook.description || host} is off: ${webhook.disabled_reason || "nobody said why"}.`} />
      {webhook.failing_since === undefined ? null : <p class="problem" role="status"><Icon name="warning" /><span class="grow">It has failed since <Time at={webhook.failing_since} relative />: {webhook.last_error}. After five days of nothing but failures it is switched off by itself.</span></p>}
      {webhook.previous_secret_until === undefined ? null : <p class="small quiet">The old secret signs along until <Time at={webhook.previous_secret_until} />.</p>}
      {webhook.dropped === 0 ? null : <p class="small bad">{webhook.dropped} notices were given up because 2,000 waited already; they can be replayed below.</p>}
      <Deeds webhook={webhook} onSecret={props.onSecret} />
      <TestCard endpoint={webhook.id} note="a notice that tells of nothing, signed like any other, sent once" closed={webhook.enabled ? undefined : "It is off; switch it on first."} send={() => sendTest(webhook.id)} />
      <Card title="Settings" note={`version ${webhook.version}`}><WebhookForm webhook={webhook} /></Card>
      <Deliveries webhook={webhook} />
    </>
  );
}
