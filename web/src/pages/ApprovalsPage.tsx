import "../common.ts";
import { useMemo, useState } from "preact/hooks";
import type { JSX } from "preact";
import { endApprovalSnooze } from "../api/actions.ts";
import { paths } from "../api/endpoints.ts";
import type { Approval } from "../api/types.ts";
import { More, showNew } from "../components/ListParts.tsx";
import { Empty, Key, Loaded } from "../components/parts.tsx";
import { Icon } from "../components/icons.tsx";
import { setOverlay } from "../components/overlay.tsx";
import { useRowKeys } from "../components/useRowKeys.ts";
import { announce } from "../components/toasts.tsx";
import { useTitle } from "../components/useTitle.ts";
import { useKeys } from "../keys/useKeys.ts";
import { nowMs } from "../lib/clock.ts";
import { plural } from "../lib/format.ts";
import { snoozedNow } from "../lib/snooze.ts";
import { urls } from "../router/route.ts";
import type { Resource, Rows } from "../state/resources.ts";
import { wireHeldDecisions } from "../state/heldDecisions.ts";
import { useResource } from "../state/useResource.ts";
import { ApprovalDetailPane } from "./approvals/ApprovalDetailPane.tsx";
import { HeldBar } from "./approvals/HeldBar.tsx";
import { InboxItem } from "./approvals/InboxItem.tsx";
import { RejectMany } from "./approvals/RejectMany.tsx";
import { SnoozeDialog } from "./approvals/SnoozeDialog.tsx";

wireHeldDecisions();
setOverlay(HeldBar);

const decidedShown = 20;

interface Inbox {
  waiting: Approval[];
  snoozed: Approval[];
  /** When each snoozed one comes back. */
  until: Map<string, number>;
  decided: Approval[];
  resource: Resource<"approvals"> | undefined;
  rows: Rows<Approval> | undefined;
  fresh: number;
  path: string;
}

function useInbox(): Inbox {
  const path = paths.approvals({ mine: "true" });
  const resource = useResource("approvals", path);
  const all = useResource("approvals", paths.approvals({}));
  const snoozes = useResource("snoozes", paths.snoozes);
  const rows = resource?.data;
  const pending = (rows?.items ?? []).filter((each) => each.state === "pending");
  // By the clock here: what is due comes back without asking the server.
  const until = snoozedNow(snoozes?.data?.items ?? [], nowMs.value);
  const known = new Set(pending.map((each) => each.id));
  const decided = (all?.data?.items ?? []).filter((each) => each.state !== "pending" && !known.has(each.id)).slice(0, decidedShown);
  const snoozed = pending.filter((each) => until.has(each.id));
  return {
    waiting: pending.filter((each) => !until.has(each.id)), snoozed, until, decided, resource, rows,
    fresh: (rows?.fresh.length ?? 0) + (rows?.freshMore ?? 0), path,
  };
}

/** The row that has the focus, else the one that is open. */
function pointedAt(rows: readonly Approval[], shown: string | undefined): Approval | undefined {
  const focused = document.activeElement?.closest("[data-approval]")?.getAttribute("data-approval");
  return rows.find((each) => each.id === focused) ?? rows.find((each) => each.id === shown);
}

interface Selection {
  chosen: Approval[];
  toggle: (approval: Approval | undefined) => void;
  clear: () => void;
}

function useSelection(pending: readonly Approval[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const toggle = (approval: Approval | undefined): void => {
    if (approval === undefined || approval.state !== "pending") return;
    const next = new Set(ids);
    if (!next.delete(approval.id)) next.add(approval.id);
    setIds(next);
  };
  return { chosen: pending.filter((each) => ids.has(each.id)), toggle, clear: () => setIds(new Set()) };
}

function Chosen(props: { selection: Selection; onSnooze: () => void; onReject: () => void }): JSX.Element | null {
  const { chosen, clear } = props.selection;
  if (chosen.length === 0) return null;
  return (
    <div class="inbox-chosen" role="status">
      <p class="line wrap">
        <b class="grow">{chosen.length} selected</b>
        <button type="button" class="button button-small" onClick={props.onSnooze}>Snooze <Key>H</Key></button>
        <button type="button" class="button button-small button-danger-text" onClick={props.onReject}>Reject <Key>R</Key></button>
        <button type="button" class="button button-small button-bare" onClick={clear}>None</button>
      </p>
      <p class="tiny quiet">Releasing is one by one: each has its own evidence to be read.</p>
    </div>
  );
}

function Snoozed(props: {
  inbox: Inbox;
  shown: string | undefined;
  mark: (row: number) => Record<string, unknown>;
  from: number;
  onToggle: (isOpen: boolean) => void;
}): JSX.Element | null {
  const { snoozed, until } = props.inbox;
  if (snoozed.length === 0) return null;
  const bringBack = async (approval: Approval): Promise<void> => {
    const answer = await endApprovalSnooze(approval.id);
    announce(answer.ok ? "Back in your inbox." : "It could not be brought back. Try again.");
  };
  return (
    <details class="inbox-snoozed" onToggle={(event) => props.onToggle(event.currentTarget.open)}>
      <summary class="inbox-part">Snoozed ({snoozed.length})</summary>
      <ul>
        {snoozed.map((approval, i) => (
          <InboxItem key={approval.id} approval={approval} here={approval.id === props.shown} mark={props.mark(props.from + i)} snoozedUntil={until.get(approval.id)} onBringBack={() => void bringBack(approval)} />
        ))}
      </ul>
    </details>
  );
}

type Asked = { what: "snooze" | "reject"; about: Approval[] };

/** Inbox beside detail; on a narrow screen one of them at a time. */
export function ApprovalsPage(props: { id: string | undefined }): JSX.Element {
  const inbox = useInbox();
  const { waiting, snoozed, decided } = inbox;
  const [asked, setAsked] = useState<Asked>();
  const [opened, setOpened] = useState(false);
  const reachable = [...waiting, ...(opened ? snoozed : []), ...decided];
  const order = reachable.map((each) => `${each.id} ${each.version}`).join(" ");
  const ordered = useMemo(() => reachable, [order]);
  const selection = useSelection([...waiting, ...snoozed]);
  const shown = props.id ?? waiting[0]?.id;
  const { chosen } = selection;
  const snooze = (): void => {
    const about = chosen.length > 0 ? chosen : [pointedAt(ordered, shown)].filter((each): each is Approval => each?.state === "pending");
    if (about.length > 0) setAsked({ what: "snooze", about });
  };
  const rejectChosen = (): void => setAsked({ what: "reject", about: chosen });
  const mark = useRowKeys(ordered, (each) => urls.approval(each.id), {
    n: () => showNew(inbox.path), h: snooze, x: () => selection.toggle(pointedAt(ordered, shown)),
  });
  useKeys(chosen.length > 0 ? { r: rejectChosen } : {});
  useTitle("Approvals");
  const done = (): void => { setAsked(undefined); selection.clear(); };
  const ids = new Set(chosen.map((each) => each.id));
  return (
    <div class={props.id === undefined ? "panes panes-inbox" : "panes panes-detail"}>
      <section class="inbox" aria-label="Inbox">
        <header class="inbox-head"><h2 class="grow large">Approvals</h2><span class="chip chip-accent">{waiting.length} waiting</span></header>
        {inbox.fresh === 0 ? null : <p class="new-rows" role="status"><button type="button" class="button button-on button-small" onClick={() => showNew(inbox.path)}>{plural(inbox.fresh, "new approval")}, show</button></p>}
        <Chosen selection={selection} onSnooze={snooze} onReject={rejectChosen} />
        <Loaded resource={inbox.resource}>
          {(rows) => (
            <>
              {waiting.length === 0
                ? <Empty title={snoozed.length === 0 ? "Nothing waits for a person." : "Nothing else waits for you."}><p>A run of HIGH or CRITICAL risk stops here before anyone outside hears of it.</p></Empty>
                : <ul>{waiting.map((approval, i) => <InboxItem key={approval.id} approval={approval} here={approval.id === shown} mark={mark(i)} selected={ids.has(approval.id)} onSelect={() => selection.toggle(approval)} />)}</ul>}
              <More kind="approvals" path={inbox.path} rows={rows} />
            </>
          )}
        </Loaded>
        <Snoozed inbox={inbox} shown={shown} mark={mark} from={waiting.length} onToggle={setOpened} />
        {decided.length === 0 ? null : <><h3 class="inbox-part">Decided</h3><ul>{decided.map((approval, i) => <InboxItem key={approval.id} approval={approval} here={approval.id === shown} mark={mark(waiting.length + (opened ? snoozed.length : 0) + i)} />)}</ul></>}
        <p class="inbox-keys tiny quiet wide-only"><span><kbd>J</kbd> <kbd>K</kbd> move</span><span><Key>X</Key> select</span><span><Key>H</Key> snooze</span><span><Key>E</Key> evidence</span><span><Key>U</Key> undo</span><span><Key>?</Key> all keys</span></p>
      </section>
      <div class="detail">
        {shown === undefined ? <div class="page stack-tight"><h1>Nothing waits for {snoozed.length === 0 ? "a person" : "you now"}.</h1><p class="quiet">A run of HIGH or CRITICAL risk stops here until it is released or rejected. {decided.length === 0 ? "None has so far." : "What was decided stays in the list, with who decided and what was sent."}</p></div> : (
          <>
            <p class="narrow-only detail-back"><a class="link line" href={urls.approvals}><Icon name="left" />Inbox, {waiting.length} waiting</a></p>
            <ApprovalDetailPane id={shown} key={shown} onSnooze={snooze} severalChosen={chosen.length > 0} />
          </>
        )}
      </div>
      {asked === undefined ? null : asked.what === "snooze"
        ? <SnoozeDialog approvals={asked.about} onClose={done} />
        : <RejectMany approvals={asked.about} onDone={done} onClose={() => setAsked(undefined)} />}
    </div>
  );
}
