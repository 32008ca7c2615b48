import "../../common.ts";
import type { JSX } from "preact";
import { withQuery } from "../../api/endpoints.ts";
import { DeliveryTable } from "../../components/settings/DeliveryTable.tsx";
import { hasRole, PartHead, useRefresh } from "../../components/settings/pieces.tsx";
import { Empty, Loaded } from "../../components/parts.tsx";
import { Filter, FilteredOut, ListCard, More } from "../../components/ListParts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { plural, shortId } from "../../lib/format.ts";
import { hostOf } from "../../lib/settings/notices.ts";
import { query } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

const states = [{ value: "", text: "All" }, { value: "pending", text: "On their way" }, { value: "delivered", text: "Delivered" }, { value: "failed", text: "Given up" }, { value: "dropped", text: "Dropped" }];

export function DeliveriesPart(): JSX.Element {
  const state = query.value.get("state") ?? "";
  const endpoint = query.value.get("endpoint") ?? "";
  const path = withQuery("/deliveries", { endpoint, state });
  const resource = useResource("deliveries", path);
  const admin = hasRole("admin");
  const webhooks = useResource("webhooks", admin ? "/webhooks" : "")?.data?.items ?? [];
  const rows = resource?.data;
  const given = rows?.items.filter((each) => each.state === "failed" || each.state === "dropped").length ?? 0;
  useRefresh("/deliveries", rows?.items.some((each) => each.state === "pending" && each.attempts === 0) ?? false);
  useTitle("Sent notices");
  const nameOf = (id: string): JSX.Element | string => {
    const known = webhooks.find((each) => each.id === id);
    if (id === "slack") return "Slack";
    return known === undefined ? shortId(id) : <a class="link" href={urls.settings("webhooks", id)}>{known.description || hostOf(known.url)}</a>;
  };
  const endpoints = [{ value: "", text: "All" }, { value: "slack", text: "Slack" }, ...webhooks.map((each) => ({ value: each.id, text: each.description || hostOf(each.url) }))];
  return (
    <>
      <PartHead title={rows === undefined ? "Sent notices" : `${plural(rows.items.length, "notice")}${rows.next === undefined ? "" : " and more"}, newest first; ${given === 0 ? "none was given up" : `${given} given up`}.`} about="Ended ones are kept for 30 days." />
      <ListCard title="Notices" head={<><Filter name="state" label="State" options={states} />{admin ? <Filter name="endpoint" label="To" options={endpoints} /> : null}</>}>
        <Loaded resource={resource}>
          {(data) => data.items.length === 0 ? (state !== "" || endpoint !== "" ? <FilteredOut what="notice" clear={urls.settings("deliveries")} />
            : <Empty title="No notice was sent so far." action={admin ? <a class="button" href={`${urls.settings("webhooks")}?new=webhook`}>Add a webhook</a> : undefined}><p>Notices go to webhooks and to Slack when something opens, is decided, fails for good or is published. There is nobody to send them to yet, or nothing happened.</p></Empty>)
            : <><DeliveryTable deliveries={data.items} nameOf={nameOf} picked={query.value.get("delivery") ?? ""} /><More kind="deliveries" path={path} rows={data} /></>}
        </Loaded>
      </ListCard>
    </>
  );
}
