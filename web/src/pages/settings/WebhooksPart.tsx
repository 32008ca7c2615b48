import "../../common.ts";
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { WebhookSecret } from "../../api/settingsActions.ts";
import type { Webhook } from "../../api/types.ts";
import { PartHead } from "../../components/settings/pieces.tsx";
import { SecretCard } from "../../components/settings/SecretCard.tsx";
import { Card, CopyButton, Empty, Loaded, Time } from "../../components/parts.tsx";
import { useRowKeys } from "../../components/useRowKeys.ts";
import { useTitle } from "../../components/useTitle.ts";
import { plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { hostOf, verifySnippet } from "../../lib/settings/notices.ts";
import { go, query, setQuery } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";
import { NewWebhookForm } from "./WebhookForm.tsx";
import { WebhookDetail } from "./WebhookDetail.tsx";

function Verify(): JSX.Element {
  const text = verifySnippet();
  return (
    <>
      <p class="small quiet">The receiver verifies each notice with it, by any library of the Standard Webhooks specification:</p>
      <div class="line"><pre class="code code-boxed grow" tabIndex={0} aria-label="Receiver">{text}</pre><CopyButton class="button" text={text} what="Receiver">Copy</CopyButton></div>
    </>
  );
}

function State(props: { webhook: Webhook }): JSX.Element {
  const { webhook } = props;
  if (!webhook.enabled) return <><b class="bad">off</b><div class="small quiet">{visible(webhook.disabled_reason)}</div></>;
  if (webhook.failing_since !== undefined) return <><b class="bad">failing since <Time at={webhook.failing_since} relative /></b><div class="small quiet">{visible(webhook.last_error)}</div></>;
  return <span class="quiet">on</span>;
}

function Table(props: { webhooks: Webhook[] }): JSX.Element {
  const mark = useRowKeys(props.webhooks, (webhook) => urls.settings("webhooks", webhook.id));
  return (
    <table class="table table-fold">
      <thead><tr><th>Webhook</th><th>Told about</th><th>State</th></tr></thead>
      <tbody>
        {props.webhooks.map((webhook, i) => (
          <tr key={webhook.id} {...mark(i)}>
            <td class="full"><a class="strong" href={urls.settings("webhooks", webhook.id)}>{visible(webhook.description || hostOf(webhook.url))}</a><div class="small quiet">{hostOf(webhook.url)}</div></td>
            <td class="roomy">{webhook.types.length === 0 ? "everything" : webhook.types.map((type) => <code class="scope">{type}</code>)}{webhook.severity_from === "low" ? null : <div class="small quiet">incidents from {webhook.severity_from}</div>}</td>
            <td><State webhook={webhook} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function titleOf(webhooks: readonly Webhook[]): string {
  const off = webhooks.filter((webhook) => !webhook.enabled).length;
  const failing = webhooks.filter((webhook) => webhook.enabled && webhook.failing_since !== undefined).length;
  if (webhooks.length === 0) return "No program is told what happens here.";
  return `${plural(webhooks.length, "webhook")}${off === 0 && failing === 0 ? ", each of them well" : `; ${[failing === 0 ? "" : `${failing} failing`, off === 0 ? "" : `${off} off`].filter((text) => text !== "").join(", ")}`}.`;
}

function List(props: { webhooks: Webhook[]; onAdded: (made: WebhookSecret) => void }): JSX.Element {
  useTitle("Webhooks out");
  const adding = query.value.get("new") === "webhook";
  return (
    <>
      <PartHead title={titleOf(props.webhooks)} about="A notice is put into the queue in the transaction of what it tells about, signed, and sent at least once.">
        {adding ? null : <button type="button" class="button button-main" onClick={() => setQuery("new", "webhook")}>Add a webhook</button>}
        <a class="button" href={urls.settings("deliveries")}>Sent notices</a>
      </PartHead>
      {adding ? <Card title="A new webhook"><NewWebhookForm onAdded={props.onAdded} onClose={() => setQuery("new", "")} /></Card> : null}
      <section class="card" aria-label="Webhooks">
        {props.webhooks.length > 0 ? <Table webhooks={props.webhooks} /> : (
          <Empty title="No webhook so far."><p>A pager, a chat or a program of yours hears of approvals that wait, of new incidents and of what failed for good. It needs an address that takes a POST and the secret you get here.</p><Verify /></Empty>
        )}
      </section>
    </>
  );
}

export function WebhooksPart(props: { id: string | undefined }): JSX.Element {
  const resource = useResource("webhooks", "/webhooks");
  const [made, setMade] = useState<WebhookSecret>();
  const added = (secret: WebhookSecret): void => {
    setMade(secret);
    go(urls.settings("webhooks", secret.item.id), true);
  };
  return (
    <Loaded resource={resource}>
      {(rows) => {
        const webhook = rows.items.find((each) => each.id === props.id);
        const secret = made !== undefined && made.item.id === props.id ? <SecretCard key={made.secret} title="Its secret, shown this once" what="Secret" secret={made.secret} onKept={() => setMade(undefined)}><Verify /></SecretCard> : null;
        if (props.id === undefined) return <List webhooks={rows.items} onAdded={added} />;
        if (webhook !== undefined) return <>{secret}<WebhookDetail key={webhook.id} webhook={webhook} onSecret={setMade} /></>;
        // A webhook just made is in the next answer.
        return secret ?? <div class="card"><Empty title="There is no such webhook." action={<a class="button" href={urls.settings("webhooks")}>All webhooks</a>}><h1 class="unseen">Not found</h1><p>It was removed, or the address is cut off.</p></Empty></div>;
      }}
    </Loaded>
  );
}
