import "../../common.ts";
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { checkTracker } from "../../api/settingsActions.ts";
import { paths } from "../../api/endpoints.ts";
import type { Integration, TrackerCheck } from "../../api/settingsTypes.ts";
import type { Problem, Publication, Service } from "../../api/types.ts";
import { hasRole, PartHead } from "../../components/settings/pieces.tsx";
import { Icon } from "../../components/icons.tsx";
import { Card, CopyButton, Empty, Loaded, ProblemLine, Time } from "../../components/parts.tsx";
import { More } from "../../components/ListParts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { stateText } from "../../lib/settings/integrations.ts";
import { placesOf } from "../../lib/settings/trackers.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

const config = "forge:\n  github:\n    token_file: /etc/reprise/github.token\n  linear:\n    token_file: /etc/reprise/linear.token";
const states: Record<Publication["state"], string> = { pending: "on its way", published: "exists", failed: "given up", outcome_unknown: "nobody knows yet" };

function PlaceTable(props: { services: Service[] }): JSX.Element {
  const places = placesOf(props.services);
  return (
    <table class="table table-fold">
      <thead><tr><th>Place</th><th class="right">Takes</th></tr></thead>
      <tbody>
        {places.map((place) => (
          <tr key={place.target}>
            <td class="full"><code>{visible(place.target)}</code><div class="small quiet">of {place.services.map((name, i) => <>{i === 0 ? "" : ", "}<a class="link" href={urls.settings("services", name)}>{visible(name)}</a></>)}</div></td>
            <td class="right nowrap">{place.takes}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Row(props: { publication: Publication }): JSX.Element {
  const { publication } = props;
  const outside = /^https:\/\//.test(publication.url);
  return (
    <tr>
      <td class="full"><b>{visible(publication.title)}</b><div class="small quiet">{publication.kind.replace("_", " ")} in <code>{visible(outside || publication.url === "" ? publication.target : publication.url)}</code> {"\u00b7"} <a class="link" href={urls.incident(publication.incident_id)}>incident</a> {"\u00b7"} <a class="link" href={urls.run(publication.run_id)}>run</a></div>{publication.error === "" ? null : <div class="small bad">{visible(publication.error)}</div>}</td>
      <td class="nowrap"><b class={publication.state === "published" ? "good" : publication.state === "pending" ? "quiet" : "bad"}>{states[publication.state] ?? publication.state}</b></td>
      <td>{outside ? <a class="link" href={publication.url} target="_blank" rel="noreferrer">open</a> : null}</td>
      <td class="right nowrap quiet"><Time at={publication.published_at ?? publication.created_at} relative /></td>
    </tr>
  );
}

function TrackerRow(props: { tracker: Integration }): JSX.Element {
  const { tracker } = props;
  const [asking, setAsking] = useState(false);
  const [check, setCheck] = useState<TrackerCheck>();
  const [problem, setProblem] = useState<Problem>();
  const ask = async (): Promise<void> => {
    setAsking(true);
    setProblem(undefined);
    const answer = await checkTracker(tracker.name);
    setAsking(false);
    setCheck(answer.ok ? answer.value.item : undefined);
    if (!answer.ok) setProblem(answer.problem);
  };
  return (
    <tr>
      <td class="full">
        <b>{visible(tracker.name)}</b>
        <div class="small quiet">{!tracker.can_ask ? "Files below the data directory; needs no credentials" : tracker.error !== undefined && tracker.state === "failing" ? visible(tracker.error) : "reached with the credentials of the configuration"}</div>
        <div role="status">{check === undefined ? null : <p class={check.works ? "small good line" : "small bad line"}><Icon name={check.works ? "check" : "warning"} />{visible(check.text)}</p>}</div>
        {problem === undefined ? null : <ProblemLine problem={problem} />}
      </td>
      <td class="nowrap"><b class={tracker.state === "failing" ? "bad" : tracker.state === "good" ? "good" : "quiet"}>{stateText(tracker.state)}</b></td>
      <td class="right nowrap">{!tracker.can_ask || !hasRole("admin") ? null : <button type="button" class="button" disabled={asking} aria-label={`Ask ${tracker.name} who we are`} onClick={() => void ask()}>{asking ? "Asking\u2026" : "Ask"}</button>}</td>
    </tr>
  );
}

function TrackersCard(): JSX.Element {
  const integrations = useResource("integrations", "/integrations");
  return (
    <Card title="Trackers" note="asking one changes nothing there; 15 s at most">
      <Loaded resource={integrations} lines={2}>
        {(rows) => <table class="table table-fold"><thead><tr><th>Tracker</th><th>State</th><th class="right">Test</th></tr></thead><tbody>{rows.items.filter((row) => row.kind === "tracker").map((row) => <TrackerRow key={row.name} tracker={row} />)}</tbody></table>}
      </Loaded>
    </Card>
  );
}

export function TrackersPart(): JSX.Element {
  const services = useResource("services", paths.services);
  const publications = useResource("publications", "/publications");
  const used = placesOf(services?.data?.items ?? []).length;
  const unwell = publications?.data?.items.filter((each) => each.state === "failed" || each.state === "outcome_unknown").length ?? 0;
  useTitle("Trackers");
  return (
    <>
      <PartHead title={services?.data === undefined ? "Trackers" : used === 0 ? "No service names a tracker yet." : `${plural(used, "place")} ${used === 1 ? "takes" : "take"} tickets and pull requests${unwell === 0 ? "" : `; ${unwell} of the latest did not arrive`}.`} about="Nothing is published that people did not release, except what the gate lets pass by itself." />
      <TrackersCard />
      <section class="card" aria-label="Places">
        <header class="card-head"><h2 class="grow">Where things go</h2></header>
        <Loaded resource={services} lines={3}>{(rows) => rows.items.length === 0 ? <Empty title="No service has been seen yet."><p>Each service says where its tickets and pull requests go. Until it does, tickets are files below the data directory.</p></Empty> : <PlaceTable services={rows.items} />}</Loaded>
      </section>
      <Card title="Published" note="newest first">
        <Loaded resource={publications} lines={3}>
          {(rows) => rows.items.length === 0 ? <Empty title="Nothing was published so far."><p>A ticket is drafted when an incident is reproduced; it appears here once it is released.</p></Empty>
            : <><table class="table table-fold"><thead><tr><th>What</th><th>State</th><th>Where</th><th class="right">When</th></tr></thead><tbody>{rows.items.map((each) => <Row key={each.id} publication={each} />)}</tbody></table><More kind="publications" path="/publications" rows={rows} /></>}
        </Loaded>
      </Card>
      <Card title="Add a tracker" note="stands in the server's configuration; restart after a change">
        <div class="card-body line"><pre class="code code-boxed grow" tabIndex={0} aria-label="Configuration">{config}</pre><CopyButton class="button" text={config} what="Configuration">Copy</CopyButton></div>
        <p class="card-foot small quiet"><code>reprise doctor</code> on the server asks each tracker, too, before the server runs. A service takes only places of trackers that are configured.</p>
      </Card>
    </>
  );
}
