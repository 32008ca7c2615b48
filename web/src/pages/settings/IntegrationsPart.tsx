import "../../common.ts";
import type { JSX } from "preact";
import { hasRole, PartHead } from "../../components/settings/pieces.tsx";
import { Card, Empty, Loaded, Time } from "../../components/parts.tsx";
import { Filter, FilteredOut, ListCard } from "../../components/ListParts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { integrationGroups, integrationUrl, integrationsSentence, stateText } from "../../lib/settings/integrations.ts";
import type { Integration } from "../../api/settingsTypes.ts";
import { visible } from "../../lib/visible.ts";
import { query } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

const path = "/integrations";
const states = [{ value: "", text: "All" }, { value: "failing", text: "Failing" }, { value: "good", text: "Good" }, { value: "quiet", text: "Quiet" }];

function Row(props: { row: Integration }): JSX.Element {
  const { row } = props;
  const url = integrationUrl(row, hasRole("operator"));
  const name = visible(row.name);
  return (
    <tr>
      <td class="full">{url === undefined ? <b>{name}</b> : <a class="strong" href={url}>{name}</a>}{row.error === undefined ? null : <div class={row.state === "failing" ? "small bad" : "small quiet"}>{visible(row.error)}</div>}</td>
      <td class="nowrap"><b class={row.state === "failing" ? "bad" : row.state === "good" ? "good" : "quiet"}>{stateText(row.state)}</b></td>
      <td class="nowrap">{row.succeeded_at === undefined ? <span class="quiet">not yet</span> : <><span class="narrow-only quiet">worked </span><Time at={row.succeeded_at} relative /></>}</td>
      <td class="nowrap">{row.failed_at === undefined ? <span class="quiet">none</span> : <><span class="narrow-only quiet">failed </span><Time at={row.failed_at} relative /></>}</td>
    </tr>
  );
}

/** Everything outside that the configuration names, and whether it works. */
export function IntegrationsPart(): JSX.Element {
  const resource = useResource("integrations", path);
  const wanted = query.value.get("state") ?? "";
  useTitle("Integrations");
  return (
    <>
      <PartHead title={resource?.data === undefined ? "Integrations" : integrationsSentence(resource.data.items)} about="What the server’s configuration names, and the last that is known of each. Quiet means that nothing is known yet: nothing came, or nothing was sent there." />
      <Loaded resource={resource}>
        {(rows) => {
          const shown = rows.items.filter((row) => wanted === "" || row.state === wanted);
          const filter = <Filter name="state" label="State" options={states} />;
          if (shown.length === 0) return <ListCard title="Integrations" head={filter}>{rows.items.length === 0 ? <Empty title="The configuration names none." /> : <FilteredOut what="integration" clear={urls.settings("integrations")} />}</ListCard>;
          return integrationGroups(shown).map((group, i) => (
            <Card key={group.kind} title={group.title} note={group.rows.length === 0 ? undefined : group.about} headWrap head={i === 0 ? filter : undefined}>
              {group.rows.length > 0 ? (
                <table class="table table-fold"><thead><tr><th>Name</th><th>State</th><th>Last worked</th><th>Last failed</th></tr></thead><tbody>{group.rows.map((row) => <Row key={row.name} row={row} />)}</tbody></table>
              ) : <Empty title={wanted === "" ? group.none : "None in this state."} action={wanted === "" ? <a class="button" href={group.setUp}>How to set one up</a> : undefined} />}
            </Card>
          ));
        }}
      </Loaded>
    </>
  );
}
