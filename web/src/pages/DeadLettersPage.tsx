import "../common.ts";
import type { JSX } from "preact";
import "../api/settingsEndpoints.ts";
import { DeliveryTable } from "../components/settings/DeliveryTable.tsx";
import { hasRole } from "../components/settings/pieces.tsx";
import { Empty, Loaded } from "../components/parts.tsx";
import { ListCard, More } from "../components/ListParts.tsx";
import { useTitle } from "../components/useTitle.ts";
import { shortId } from "../lib/format.ts";
import { givenUpSentence } from "../lib/settings/deadLetters.ts";
import { urls } from "../router/route.ts";
import { useResource } from "../state/useResource.ts";
import { DeadRuns } from "./deadLetters/DeadRuns.tsx";
import { FailedHooks } from "./deadLetters/FailedHooks.tsx";

const sentPath = "/deliveries?state=failed";
const camePath = "/hooks?state=failed";

const toName = (endpoint: string): JSX.Element | string => (endpoint === "slack" ? "Slack" : hasRole("admin") ? <a class="link" href={urls.settings("webhooks", endpoint)}>its webhook</a> : `webhook ${shortId(endpoint)}`);

/** What failed in every attempt: runs, notices on their way out, webhooks that came in. */
export function DeadLettersPage(): JSX.Element {
  const operator = hasRole("operator");
  const dead = useResource("dead_letters", "/dead-letters");
  const sent = useResource("deliveries", operator ? sentPath : "");
  const came = useResource("hooks", operator ? camePath : "");
  useTitle("Dead letters");
  const lists = [dead?.data, sent?.data, came?.data];
  const sentence = givenUpSentence({
    runs: dead?.data?.items.length ?? 0, sent: sent?.data?.items.length ?? 0, came: came?.data?.items.length ?? 0, more: lists.some((list) => list?.next !== undefined),
  });
  return (
    <div class="page stack">
      <div class="head"><h1>{dead?.data === undefined ? "Dead letters" : sentence}</h1><p class="quiet about">Nothing here is tried again by itself. Look at the reason, put right what caused it, then replay; or put a run away with a reason.</p></div>
      <DeadRuns resource={dead} />
      {operator ? (
        <>
          <ListCard title="Notices that were not delivered" head={<a class="link" href={urls.settings("deliveries")}>All notices</a>}>
            <Loaded resource={sent} lines={2}>{(rows) => rows.items.length === 0 ? <Empty title="Every notice found its way."><p>One that fails ten times over three days stops here.</p></Empty> : <><DeliveryTable deliveries={rows.items} nameOf={toName} /><More kind="deliveries" path={sentPath} rows={rows} /></>}</Loaded>
          </ListCard>
          <FailedHooks resource={came} path={camePath} />
        </>
      ) : <p class="small quiet">Notices that were not delivered and webhooks that could not be read are for the role operator.</p>}
    </div>
  );
}
