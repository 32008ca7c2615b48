import "../../common.ts";
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { revokeToken } from "../../api/settingsActions.ts";
import type { IssuedToken } from "../../api/settingsActions.ts";
import type { Token } from "../../api/settingsTypes.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { hasRole, PartHead } from "../../components/settings/pieces.tsx";
import { SecretCard } from "../../components/settings/SecretCard.tsx";
import { Card, CopyButton, Empty, Loaded, Time } from "../../components/parts.tsx";
import { Filter } from "../../components/ListParts.tsx";
import { announce } from "../../components/toasts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { nowMs } from "../../lib/clock.ts";
import { coarse, plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { soonest, tokenState } from "../../lib/settings/access.ts";
import { query, setQuery } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";
import { TokenForm } from "./TokenForm.tsx";

function tryIt(token: string): string {
  return `curl ${location.origin}/api/v1/me \\\n  -H "Authorization: Bearer ${token}"`;
}

function Row(props: { token: Token; picked: boolean; onRevoke: () => void }): JSX.Element {
  const { token } = props;
  const state = tokenState(token, nowMs.value);
  return (
    <tr class={props.picked ? "row-picked" : undefined}>
      <td class="full"><b>{visible(token.name)}</b><div class="small quiet">of {visible(token.person)} {"\u00b7"} made <Time at={token.created_at} relative />{token.networks.length === 0 ? "" : ` \u00b7 only from ${token.networks.join(", ")}`}</div></td>
      <td class="roomy">{token.scopes.map((scope) => <code class="scope">{scope}</code>)}</td>
      <td class="nowrap quiet">{token.used_at === undefined ? "never used" : <>used <Time at={token.used_at} relative /></>}</td>
      <td class="nowrap">{state === "revoked" ? <span class="quiet">revoked <Time at={token.revoked_at} relative /></span> : state === "expired" ? <b class="bad">expired</b> : <>expires <Time at={token.expires_at} /></>}</td>
      <td class="right">{state === "usable" ? <button type="button" class="button button-small" aria-label={`Revoke ${token.name}`} onClick={props.onRevoke}>Revoke</button> : null}</td>
    </tr>
  );
}

function titleOf(tokens: readonly Token[], now: number): string {
  const usable = tokens.filter((token) => tokenState(token, now) === "usable").length;
  const next = soonest(tokens, now);
  if (next === undefined) return "No token is usable now.";
  return `${plural(usable, "usable token")}; the next to expire is ${visible(next.name)}, in ${coarse(Date.parse(next.expires_at) - now)}.`;
}

function Issued(props: { issued: IssuedToken; onKept: () => void }): JSX.Element {
  const { item, token } = props.issued;
  return (
    <SecretCard title={`The token ${item.name} of ${item.person}, shown this once`} what="Token" secret={token} onKept={props.onKept}>
      <p class="small quiet">Put it where the program keeps its secrets. Lost? Revoke it and make another. Try it:</p>
      <div class="line"><pre class="code code-boxed grow" tabIndex={0} aria-label="Command">{tryIt(token)}</pre><CopyButton class="button" text={tryIt(token)} what="Command">Copy</CopyButton></div>
    </SecretCard>
  );
}

export function TokensPart(): JSX.Element {
  const admin = hasRole("admin");
  const all = admin && query.value.get("of") === "all";
  const resource = useResource("tokens", all ? "/tokens?all=true" : "/tokens");
  const [issued, setIssued] = useState<IssuedToken>();
  const [revoking, setRevoking] = useState<Token>();
  const tokens = resource?.data?.items;
  const picked = query.value.get("token");
  useTitle("API tokens");
  return (
    <>
      <PartHead title={tokens === undefined ? "API tokens" : titleOf(tokens, nowMs.value)} about="For programs. A token does what its scopes and the roles of its owner allow, and never decides at the gate.">
        <button type="button" class="button button-main" onClick={() => setQuery("new", "token")}>New token</button>
        {admin ? <a class="button" href={`${urls.settings("people")}?new=service`}>New service account</a> : null}
      </PartHead>
      {issued === undefined ? null : <Issued issued={issued} onKept={() => setIssued(undefined)} />}
      {query.value.get("new") === "token" ? <Card title="A new token"><TokenForm owner={query.value.get("for") ?? ""} onIssued={(made) => { setQuery("new", "", true); setIssued(made); }} onClose={() => setQuery("new", "")} /></Card> : null}
      <section class="card" aria-label="Tokens">
        {admin ? <header class="card-head"><h2 class="grow">Tokens</h2><Filter name="of" label="Whose" options={[{ value: "", text: "Mine" }, { value: "all", text: "Everybody\u2019s" }]} /></header> : null}
        <Loaded resource={resource} lines={4}>
          {(rows) => rows.items.length === 0 ? <Empty title={all ? "There is no token." : "You have no token."}><p>A program that reports deployments, hands in events or reads runs signs in with one. Give pipelines a service account, so that they do not stop when a person leaves.</p></Empty> : (
            <table class="table table-fold">
              <thead><tr><th>Token</th><th>May</th><th>Used</th><th>Until</th><th><span class="unseen">Revoke</span></th></tr></thead>
              <tbody>{rows.items.map((token) => <Row key={token.id} token={token} picked={token.id === picked} onRevoke={() => setRevoking(token)} />)}</tbody>
            </table>
          )}
        </Loaded>
      </section>
      {revoking === undefined ? null : (
        <ActionDialog title={`Revoke ${revoking.name}?`} verb="Revoke for good" danger typed={revoking.name} explain={<>Whatever uses it gets 401 from the next request on{revoking.used_at === undefined ? "; it was never used" : <>; it was last used <Time at={revoking.used_at} relative /></>}. This cannot be taken back: a new token is another one.</>}
          act={() => revokeToken(revoking.id)} onDone={() => { setRevoking(undefined); announce("The token is revoked."); }} onClose={() => setRevoking(undefined)} />
      )}
    </>
  );
}
