import "../../common.ts";
import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import { changeUser, makeLink } from "../../api/settingsActions.ts";
import type { UserLink } from "../../api/settingsActions.ts";
import type { Problem, Role, User } from "../../api/types.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { SaveLine } from "../../components/settings/Field.tsx";
import { LinkCard } from "../../components/settings/LinkCard.tsx";
import { PersonForm, RoleChecks } from "../../components/settings/PersonForm.tsx";
import { announceProblem, PartHead } from "../../components/settings/pieces.tsx";
import { Card, Loaded, ProblemLine, Time } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { useRowKeys } from "../../components/useRowKeys.ts";
import { useTitle } from "../../components/useTitle.ts";
import { plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { joined, roleChange } from "../../lib/settings/access.ts";
import { auditUrl } from "../../lib/settings/objects.ts";
import { query, setQuery } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { me } from "../../state/store.ts";
import { useResource } from "../../state/useResource.ts";

const same = (a: readonly Role[], b: readonly Role[]): boolean => a.length === b.length && a.every((role) => b.includes(role));

/** Carried out at once, with a way back. */
async function change(user: User, roles: readonly Role[], disabled: boolean, done: string): Promise<Problem | undefined> {
  const answer = await changeUser(user.id, roles, disabled);
  if (!answer.ok) return answer.problem;
  announce(done, () => void changeUser(user.id, user.roles, user.disabled).then((back) => (back.ok ? announce(`${user.name} is as before.`) : announceProblem(back.problem))));
  return undefined;
}

function PersonCard(props: { user: User; onLink: (made: UserLink) => void }): JSX.Element {
  const { user } = props;
  const [held, setHeld] = useState<Role[]>(user.roles);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [asking, setAsking] = useState(false);
  useEffect(() => setHeld(user.roles), [user.roles.join()]);
  const mine = user.id === me.value?.id;
  const service = user.kind === "service";
  const dirty = !same(held, user.roles);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || !dirty || held.length === 0) return;
    setBusy(true);
    setProblem(await change(user, held, user.disabled, `${user.name} ${roleChange(user.roles, held)}.`));
    setBusy(false);
  };
  const link = async (): Promise<void> => {
    const answer = await makeLink(user.id);
    if (answer.ok) props.onLink(answer.value);
    else setProblem(answer.problem);
  };
  const enable = async (): Promise<void> => setProblem(await change(user, user.roles, false, `${user.name} may come in again.`));
  return (
    <Card title={visible(user.name)} note={`${service ? "service account" : "person"}, since ${user.created_at.slice(0, 10)}`} head={<button type="button" class="button button-small" onClick={() => setQuery("person", "")}>Close</button>}>
      <form class="card-body form" onSubmit={(event) => void save(event)}>
        {mine ? <p class="quiet">This is you. Another administrator changes your roles, so that nobody gives themselves one.</p> : null}
        <RoleChecks held={held} service={service} disabled={mine} onChange={setHeld} />
        {held.length === 0 ? <p class="small bad" role="alert">At least one role. To shut somebody out, disable them.</p> : null}
        {problem === undefined ? null : <ProblemLine problem={problem} />}
        {mine ? null : <SaveLine busy={busy} dirty={dirty} refused={held.length === 0} verb="Change roles" onUndo={() => setHeld(user.roles)} />}
        <div class="line wrap rule-top pad-top">
          {service ? <a class="button" href={`${urls.settings("tokens")}?of=all&new=token&for=${encodeURIComponent(user.id)}`}>New token for it</a>
            : <button type="button" class="button" disabled={user.disabled} onClick={() => void link()}>New sign-in link</button>}
          {mine ? null : user.disabled ? <button type="button" class="button" onClick={() => void enable()}>Let in again</button> : <button type="button" class="button button-danger" onClick={() => setAsking(true)}>Disable</button>}
          <a class="link" href={auditUrl({ object: `person/${user.id}`, order: "newest" })}>What was changed here</a>
          {service ? null : <a class="link" href={auditUrl({ actor: `user:${user.name}`, order: "newest" })}>What they did</a>}
        </div>
      </form>
      {asking ? (
        <ActionDialog title={`Disable ${user.name}?`} verb={`Disable ${user.name}`} danger explain={<>{service ? "Its tokens stop working at once." : `${user.name} is signed out everywhere at once, their tokens stop working, and no link lets them in.`} Nothing of what they did goes away, and you can let them in again.</>}
          act={() => changeUser(user.id, user.roles, true)} onClose={() => setAsking(false)}
          onDone={() => { setAsking(false); announce(`${user.name} is disabled.`, () => void enable()); }} />
      ) : null}
    </Card>
  );
}

function PeopleTable(props: { users: User[] }): JSX.Element {
  const mark = useRowKeys(props.users, (user) => `${urls.settings("people")}?person=${encodeURIComponent(user.id)}`);
  return (
    <table class="table table-fold">
      <thead><tr><th>Name</th><th>Roles</th><th>State</th><th class="right">Since</th></tr></thead>
      <tbody>
        {props.users.map((user, i) => (
          <tr key={user.id} {...mark(i)}>
            <td class="full"><a class="strong" href={`${urls.settings("people")}?person=${encodeURIComponent(user.id)}`}>{visible(user.name)}</a>{user.id === me.value?.id ? <span class="quiet"> (you)</span> : null}<div class="small quiet">{user.kind === "service" ? "service account" : "person"}</div></td>
            <td class="roomy">{joined(user.roles)}</td>
            <td class="nowrap">{user.disabled ? <b class="bad">disabled</b> : <span class="quiet">may come in</span>}</td>
            <td class="right nowrap quiet"><span class="narrow-only">since </span><Time at={user.created_at} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function titleOf(users: readonly User[]): string {
  const people = users.filter((user) => user.kind === "person").length;
  const off = users.filter((user) => user.disabled).length;
  const services = users.length - people;
  return `${plural(people, "person", "people")}${services === 0 ? "" : ` and ${plural(services, "service account")}`}${off === 0 ? "" : `; ${off} disabled`}.`;
}

export function PeoplePart(): JSX.Element {
  const resource = useResource("users", "/users");
  const [made, setMade] = useState<UserLink>();
  const adding = query.value.get("new");
  const kind = adding === "service" ? "service" : adding === "person" ? "person" : undefined;
  const users = resource?.data?.items;
  const picked = users?.find((user) => user.id === query.value.get("person"));
  const alone = users !== undefined && users.filter((user) => user.roles.includes("approver") && !user.disabled).length < 2;
  useTitle("People");
  const added = (link: UserLink): void => {
    setQuery("new", "", true);
    if (link.link === undefined) {
      setQuery("person", link.item.id, true);
      announce(`${link.item.name} is added. It signs in with a token, which you make next.`);
    } else setMade(link);
  };
  return (
    <>
      <PartHead title={users === undefined ? "People" : titleOf(users)} about={alone ? "Fewer than two people may approve: nobody can release what they started themselves, and CRITICAL content needs two." : undefined}>
        <button type="button" class="button button-main" onClick={() => setQuery("new", "person")}>Add a person</button>
        <button type="button" class="button" onClick={() => setQuery("new", "service")}>Add a service account</button>
      </PartHead>
      {made === undefined ? null : <LinkCard made={made} onKept={() => setMade(undefined)} />}
      {kind === undefined ? null : <Card title={kind === "service" ? "A new service account" : "A new person"} note={kind === "service" ? "for a program; signs in with tokens only" : undefined}><PersonForm key={kind} kind={kind} onAdded={added} onClose={() => setQuery("new", "")} /></Card>}
      {picked === undefined ? null : <PersonCard key={picked.id} user={picked} onLink={setMade} />}
      <section class="card" aria-label="People">
        <Loaded resource={resource}>{(rows) => <PeopleTable users={rows.items} />}</Loaded>
      </section>
    </>
  );
}
