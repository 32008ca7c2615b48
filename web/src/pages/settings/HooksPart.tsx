import "../../common.ts";
import type { JSX } from "preact";
import { withQuery } from "../../api/endpoints.ts";
import type { Hook } from "../../api/types.ts";
import { HookTable } from "../../components/settings/HookTable.tsx";
import { PartHead, TextFilter, useRefresh } from "../../components/settings/pieces.tsx";
import { Card, CopyButton, Empty, Loaded, Time } from "../../components/parts.tsx";
import { Filter, FilteredOut, ListCard, More } from "../../components/ListParts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { plural } from "../../lib/format.ts";
import { findSource, hookSources, hookUrl } from "../../lib/settings/hookSources.ts";
import { query, setQuery } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

const states = [{ value: "", text: "All" }, { value: "waiting", text: "Waiting" }, { value: "done", text: "Done" }, { value: "failed", text: "Failed" }];

/** How another system is connected: the address to paste there, the keys to set here. */
function SetUp(props: { hooks: readonly Hook[] }): JSX.Element {
  const source = findSource(query.value.get("setup") ?? "") ?? hookSources[0]!;
  const url = hookUrl(location.origin, source);
  const last = props.hooks.find((hook) => findSource(hook.source)?.id === source.id);
  return (
    <Card title="Connect a system" head={(
      <span class="filter"><label for="hook-source">System</label><select id="hook-source" class="field" value={source.id} onChange={(event) => setQuery("setup", event.currentTarget.value, true)}>{hookSources.map((each) => <option value={each.id} selected={each.id === source.id}>{each.name}</option>)}</select></span>
    )}>
      <ol class="rows steps">
        <li><p><b>Here</b>, in the server{"\u2019"}s configuration; the file holds the secret, one a line. Then restart.</p><div class="line"><pre class="code code-boxed grow" tabIndex={0} aria-label="Configuration">{source.here}</pre><CopyButton class="button" text={source.here} what="Configuration">Copy</CopyButton></div></li>
        <li><p><b>There</b>, in {source.name}: {source.there}</p><div class="line"><pre class="code code-boxed grow" tabIndex={0} aria-label="Address">{url}</pre><CopyButton class="button" text={url} what="Address">Copy</CopyButton></div><p class="small quiet">Proved by {source.proof}. Until it is set up here the address answers 404.</p></li>
        <li><p role="status">{last === undefined ? <span class="quiet">Nothing of {source.name} is among the latest deliveries. This line changes by itself.</span> : <><b class="good">{source.name} arrives</b>, last <Time at={last.received_at} relative />.</>}</p></li>
      </ol>
    </Card>
  );
}

export function HooksPart(): JSX.Element {
  const state = query.value.get("state") ?? "";
  const source = query.value.get("source") ?? "";
  const path = withQuery("/hooks", { state, source });
  const resource = useResource("hooks", path);
  const rows = resource?.data;
  const failed = rows?.items.filter((hook) => hook.state === "failed").length ?? 0;
  useRefresh("/hooks", rows !== undefined && (rows.items.length === 0 || rows.items.some((hook) => hook.state === "waiting")));
  useTitle("Webhooks in");
  return (
    <>
      <PartHead title={rows === undefined ? "Webhooks in" : rows.items.length === 0 ? "Nothing came by webhook." : `${plural(rows.items.length, "webhook")}${rows.next === undefined ? "" : " and more"} came; ${failed === 0 ? "none failed" : `${failed} failed`}.`} about="What other systems notice becomes an alarm here. Each is verified and kept before its sender hears 202." />
      <ListCard title="Came in" head={<><Filter name="state" label="State" options={states} /><TextFilter name="source" label="From" placeholder="github" options={hookSources.map((each) => each.id)} /></>}>
        <Loaded resource={resource} lines={3}>
          {(data) => data.items.length > 0 ? <><HookTable hooks={data.items} picked={query.value.get("hook") ?? ""} /><More kind="hooks" path={path} rows={data} /></>
            : state !== "" || source !== "" ? <FilteredOut what="webhook" clear={urls.settings("hooks")} /> : <Empty title="Nothing came so far."><p>Connect a system below; its first delivery appears here by itself.</p></Empty>}
        </Loaded>
      </ListCard>
      <SetUp hooks={rows?.items ?? []} />
    </>
  );
}
