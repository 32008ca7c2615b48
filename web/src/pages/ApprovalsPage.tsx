import { useMemo } from "preact/hooks";
import type { JSX } from "preact";
import { paths } from "../api/endpoints.ts";
import type { Approval } from "../api/types.ts";
import { showNew } from "../components/ListParts.tsx";
import { Empty, Key, Loaded } from "../components/parts.tsx";
import { Icon } from "../components/icons.tsx";
import { RiskMark } from "../components/marks.tsx";
import { useRowKeys } from "../components/useRowKeys.ts";
import { useTitle } from "../components/useTitle.ts";
import { nowMs } from "../lib/clock.ts";
import { coarse, plural } from "../lib/format.ts";
import { named } from "../lib/visible.ts";
import { actorText, approvalStateText } from "../lib/words.ts";
import { urls } from "../router/route.ts";
import type { Resource, Rows } from "../state/resources.ts";
import { useResource } from "../state/useResource.ts";
import { ApprovalDetailPane } from "./approvals/ApprovalDetailPane.tsx";

const decidedShown = 20;

function Item(props: { approval: Approval; here: boolean; mark: Record<string, unknown> }): JSX.Element {
  const { approval } = props;
  const pending = approval.state === "pending";
  const left = Date.parse(approval.expires_at) - nowMs.value;
  return (
    <li {...props.mark}>
      <a class="inbox-item" href={urls.approval(approval.id)} aria-current={props.here ? "true" : undefined}>
        <span class="line"><RiskMark risk={approval.risk} /><span class="grow" /><span class="tiny quiet nowrap">{pending ? `${coarse(left)} left` : approvalStateText(approval.state).toLowerCase()}</span></span>
        <span class="inbox-say">{named(approval.summary)}</span>
        <span class="tiny quiet">{approval.approvals_given} of {approval.approvals_needed} approved {"\u00b7"} asked by {actorText(approval.requested_by)}</span>
      </a>
    </li>
  );
}

function useInbox(): { pending: Approval[]; decided: Approval[]; resource: Resource<"approvals"> | undefined; all: Rows<Approval> | undefined; fresh: number; path: string } {
  const path = paths.approvals({ state: "pending" });
  const resource = useResource("approvals", path);
  const all = useResource("approvals", paths.approvals({}));
  const rows = resource?.data;
  const pending = (rows?.items ?? []).filter((each) => each.state === "pending");
  const waiting = new Set(pending.map((each) => each.id));
  const decided = (all?.data?.items ?? []).filter((each) => each.state !== "pending" && !waiting.has(each.id)).slice(0, decidedShown);
  return { pending, decided, resource, all: all?.data, fresh: (rows?.fresh.length ?? 0) + (rows?.freshMore ?? 0), path };
}

/** Inbox beside detail; on a narrow screen one of them at a time. */
export function ApprovalsPage(props: { id: string | undefined }): JSX.Element {
  const inbox = useInbox();
  const { pending, decided } = inbox;
  const ordered = useMemo(() => [...pending, ...decided], [inbox.resource?.data, inbox.all]);
  const mark = useRowKeys(ordered, (each) => urls.approval(each.id), { n: () => showNew(inbox.path) });
  const shown = props.id ?? pending[0]?.id;
  useTitle("Approvals");
  return (
    <div class={props.id === undefined ? "panes panes-inbox" : "panes panes-detail"}>
      <section class="inbox" aria-label="Inbox">
        <header class="inbox-head"><h2 class="grow large">Approvals</h2><span class="chip chip-accent">{pending.length} waiting</span></header>
        {inbox.fresh === 0 ? null : <p class="new-rows" role="status"><button type="button" class="button button-on button-small" onClick={() => showNew(inbox.path)}>{plural(inbox.fresh, "new approval")}, show</button></p>}
        <Loaded resource={inbox.resource}>
          {() => pending.length === 0
            ? <Empty title="Nothing waits for a person."><p>A run of HIGH or CRITICAL risk stops here before anyone outside hears of it.</p></Empty>
            : <ul>{pending.map((approval, i) => <Item key={approval.id} approval={approval} here={approval.id === shown} mark={mark(i)} />)}</ul>}
        </Loaded>
        {decided.length === 0 ? null : <><h3 class="inbox-part">Decided</h3><ul>{decided.map((approval, i) => <Item key={approval.id} approval={approval} here={approval.id === shown} mark={mark(pending.length + i)} />)}</ul></>}
        <p class="inbox-keys tiny quiet wide-only"><span><kbd>J</kbd> <kbd>K</kbd> move</span><span><kbd>Enter</kbd> open</span><span><Key>E</Key> evidence</span><span><Key>?</Key> all keys</span></p>
      </section>
      <div class="detail">
        {shown === undefined ? <div class="page"><h1 class="unseen">Approvals</h1></div> : (
          <>
            <p class="narrow-only detail-back"><a class="link line" href={urls.approvals}><Icon name="left" />Inbox, {pending.length} waiting</a></p>
            <ApprovalDetailPane id={shown} key={shown} />
          </>
        )}
      </div>
    </div>
  );
}
