import "../../common.ts";
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { endSession, setPassword } from "../../api/settingsActions.ts";
import type { Session } from "../../api/settingsTypes.ts";
import type { Problem } from "../../api/types.ts";
import { signOut } from "../../api/actions.ts";
import { ActionDialog } from "../../components/ActionDialog.tsx";
import { Check, Field, SaveLine } from "../../components/settings/Field.tsx";
import { PartHead } from "../../components/settings/pieces.tsx";
import { useProof } from "../../components/settings/useProof.tsx";
import { Card, Loaded, ProblemLine, Time } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { plural } from "../../lib/format.ts";
import { setSingleKeys, setTheme, setZone, singleKeys, theme, zone } from "../../lib/preferences.ts";
import type { Theme } from "../../lib/preferences.ts";
import { authText, joined, passwordProblem } from "../../lib/settings/access.ts";
import { me } from "../../state/store.ts";
import { useResource } from "../../state/useResource.ts";

function PasswordCard(props: { session: Session | undefined }): JSX.Element {
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [current, setCurrent] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const { withProof, dialog } = useProof();
  const byLink = props.session?.auth === "link";
  const weak = next === "" ? "" : passwordProblem(next, me.value?.name ?? "");
  const differs = again !== "" && again !== next;
  const refused = next === "" || weak !== "" || again !== next;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || refused) return;
    setBusy(true);
    const answer = await withProof(() => setPassword(next, byLink ? "" : current));
    setBusy(false);
    if (!answer.ok) return setProblem(answer.problem);
    setProblem(undefined);
    setNext("");
    setAgain("");
    setCurrent("");
    announce("Your password is set. Your other sessions have ended.");
  };
  const wrongCurrent = problem?.code === "current_password_wrong";
  return (
    <Card title="Password" note="to sign in without a link">
      <form class="card-body form" onSubmit={(event) => void save(event)}>
        <input class="unseen" type="text" autocomplete="username" value={me.value?.name ?? ""} readOnly tabIndex={-1} aria-hidden="true" />
        {byLink ? null : (
          <Field label="Current password" problem={wrongCurrent ? "That is not your password. Forgotten? A new sign-in link lets you set another without it." : ""} help="Empty when you have none yet.">
            {(names) => <input {...names} class="field" type="password" autocomplete="current-password" maxLength={256} value={current} onInput={(event) => setCurrent(event.currentTarget.value)} />}
          </Field>
        )}
        <Field label="New password" problem={weak} help="At least 12 characters; nothing is asked about digits and signs.">
          {(names) => <input {...names} class="field" type="password" autocomplete="new-password" maxLength={256} value={next} onInput={(event) => setNext(event.currentTarget.value)} />}
        </Field>
        <Field label="The same again" problem={differs ? "The two differ." : ""}>
          {(names) => <input {...names} class="field" type="password" autocomplete="new-password" maxLength={256} value={again} onInput={(event) => setAgain(event.currentTarget.value)} />}
        </Field>
        {problem === undefined || wrongCurrent ? null : <ProblemLine problem={problem} />}
        <SaveLine busy={busy} dirty={next !== "" || again !== ""} refused={refused} verb="Set password"><span class="small quiet">Ends your other sessions.</span></SaveLine>
      </form>
      {dialog}
    </Card>
  );
}

function SessionRow(props: { session: Session; onEnd: () => void; all: boolean }): JSX.Element {
  const { session } = props;
  return (
    <tr>
      <td class="full"><b>{props.all ? session.person : authText[session.auth] ?? session.auth}</b>{session.is_mine ? <> <span class="chip chip-accent">this browser</span></> : null}<div class="small quiet">{props.all ? `${(authText[session.auth] ?? session.auth).toLowerCase()}, ` : ""}since <Time at={session.created_at} />, proved <Time at={session.authenticated_at} relative /></div></td>
      <td class="nowrap quiet">used <Time at={session.used_at} relative /></td>
      <td class="right"><button type="button" class="button button-small" onClick={props.onEnd}>{session.is_mine ? "Sign out" : "End"}</button></td>
    </tr>
  );
}

function SessionsCard(): JSX.Element {
  const [all, setAll] = useState(false);
  const [ending, setEnding] = useState<Session>();
  const resource = useResource("sessions", all ? "/sessions?all=true" : "/sessions");
  const admin = me.value?.roles.includes("admin") ?? false;
  const end = (session: Session): void => {
    if (session.is_mine) void signOut();
    else setEnding(session);
  };
  return (
    <Card title={all ? "Everybody\u2019s sessions" : "Where you are signed in"} note={resource?.data === undefined ? undefined : plural(resource.data.items.length, "session")} head={admin ? <button type="button" class="button button-small" aria-pressed={all} onClick={() => setAll(!all)}>{all ? "Only mine" : "Everybody\u2019s"}</button> : undefined}>
      <Loaded resource={resource} lines={3}>
        {(rows) => <table class="table table-fold"><thead><tr><th>Session</th><th>Last used</th><th><span class="unseen">End</span></th></tr></thead><tbody>{rows.items.map((session) => <SessionRow key={session.id} session={session} all={all} onEnd={() => end(session)} />)}</tbody></table>}
      </Loaded>
      <p class="card-foot small quiet">A session ends 8 hours after its last request and 24 hours after it began.</p>
      {ending === undefined ? null : (
        <ActionDialog title="End this session?" verb="End session" danger explain={<>{ending.person} signed in {(authText[ending.auth] ?? ending.auth).toLowerCase()} and is signed out there at once. What was typed there and not sent is lost.</>}
          act={() => endSession(ending.id)} onDone={() => { setEnding(undefined); announce("The session has ended."); }} onClose={() => setEnding(undefined)} />
      )}
    </Card>
  );
}

function PreferencesCard(): JSX.Element {
  const themes: { id: Theme; text: string }[] = [{ id: "auto", text: "As the system" }, { id: "light", text: "Light" }, { id: "dark", text: "Dark" }];
  return (
    <Card title="This browser" note="kept here, not in your account">
      <div class="card-body form">
        <fieldset class="choices"><legend>Theme</legend>
          {themes.map((each) => <label class="line"><input type="radio" name="theme" checked={theme.value === each.id} onChange={() => setTheme(each.id)} /> {each.text}</label>)}
        </fieldset>
        <fieldset class="choices"><legend>Times</legend>
          <label class="line"><input type="radio" name="zone" checked={zone.value === "local"} onChange={() => setZone("local")} /> Local, UTC on hover</label>
          <label class="line"><input type="radio" name="zone" checked={zone.value === "utc"} onChange={() => setZone("utc")} /> UTC, local on hover</label>
        </fieldset>
        <Check checked={singleKeys.value} onChange={setSingleKeys} note="J and K move, G and a letter goes somewhere; ? lists them. Nothing is carried out by one key.">Single letters are commands</Check>
      </div>
    </Card>
  );
}

export function AccountPart(): JSX.Element {
  const mine = useResource("sessions", "/sessions")?.data?.items.find((session) => session.is_mine);
  const person = me.value;
  useTitle("My account");
  return (
    <>
      <PartHead title={person === undefined ? "My account" : `You are ${person.name}: ${joined(person.roles)}.`} about="Another administrator changes your roles; nobody changes their own." />
      <PasswordCard session={mine} />
      <SessionsCard />
      <PreferencesCard />
    </>
  );
}
