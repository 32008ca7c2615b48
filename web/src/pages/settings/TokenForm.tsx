import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { makeToken } from "../../api/settingsActions.ts";
import type { IssuedToken } from "../../api/settingsActions.ts";
import type { Scope } from "../../api/settingsTypes.ts";
import type { Problem, User } from "../../api/types.ts";
import { Check, Field, SaveLine } from "../../components/settings/Field.tsx";
import { hasRole } from "../../components/settings/pieces.tsx";
import { useProof } from "../../components/settings/useProof.tsx";
import { useFocus } from "../../components/settings/useFocus.ts";
import { ProblemLine } from "../../components/parts.tsx";
import { mayGrant, parseNetworks, scopes } from "../../lib/settings/access.ts";
import { me } from "../../state/store.ts";
import { useResource } from "../../state/useResource.ts";

const lifetimes = [7, 30, 90, 365];

function useServiceAccounts(): User[] {
  const users = useResource("users", hasRole("admin") ? "/users" : "");
  return users?.data?.items.filter((user) => user.kind === "service" && !user.disabled) ?? [];
}

export function TokenForm(props: { owner: string; onIssued: (issued: IssuedToken) => void; onClose: () => void }): JSX.Element {
  const [owner, setOwner] = useState(props.owner);
  const [name, setName] = useState("");
  const [wanted, setWanted] = useState<Scope[]>([]);
  const [days, setDays] = useState(90);
  const [networks, setNetworks] = useState("");
  const [busy, setBusy] = useState(false);
  const first = useFocus<HTMLInputElement>();
  const [problem, setProblem] = useState<Problem>();
  const { withProof, dialog } = useProof();
  const accounts = useServiceAccounts();
  const held = accounts.find((account) => account.id === owner)?.roles ?? me.value?.roles ?? [];
  const granted = wanted.filter((scope) => scopes.some((each) => each.scope === scope && mayGrant(each, held)));
  const refused = name.trim() === "" || granted.length === 0;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || refused) return;
    setBusy(true);
    const body = { name: name.trim(), scopes: granted, days, networks: parseNetworks(networks), ...(owner === "" ? {} : { person_id: owner }) };
    const answer = await withProof(() => makeToken(body));
    setBusy(false);
    if (answer.ok) props.onIssued(answer.value);
    else setProblem(answer.problem);
  };
  const toggle = (scope: Scope, on: boolean): void => setWanted(on ? [...wanted, scope] : wanted.filter((each) => each !== scope));
  return (
    <form class="card-body form" onSubmit={(event) => void submit(event)}>
      {accounts.length === 0 ? null : (
        <Field label="For" help="A service account keeps working when people leave.">
          {(names) => <select {...names} class="field" value={owner} onChange={(event) => setOwner(event.currentTarget.value)}><option value="" selected={owner === ""}>Myself, {me.value?.name}</option>{accounts.map((account) => <option value={account.id} selected={account.id === owner}>{account.name}</option>)}</select>}
        </Field>
      )}
      <Field label="What it is for" help="CI of checkout, nightly export: how you tell it from the others when it must go.">
        {(names) => <input {...names} class="field" autocomplete="off" ref={first} maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
      </Field>
      <fieldset class="choices"><legend>It may</legend>
        {scopes.map((each) => {
          const may = mayGrant(each, held);
          return <Check checked={may && wanted.includes(each.scope)} disabled={!may} onChange={(on) => toggle(each.scope, on)} note={may ? each.does : `${each.does}; its owner needs the role ${each.needs}`}><code>{each.scope}</code></Check>;
        })}
      </fieldset>
      <Field label="Works for" help="Every token expires, so that a forgotten one stops by itself.">
        {(names) => <select {...names} class="field" value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>{lifetimes.map((each) => <option value={String(each)} selected={each === days}>{each} days</option>)}</select>}
      </Field>
      <Field label="Only from these networks" help={<>Such as <code>10.0.0.0/8</code>, several with commas. Empty: from anywhere. Behind a proxy it is the proxy{"\u2019"}s address that counts.</>}>
        {(names) => <input {...names} class="field mono" autocomplete="off" spellcheck={false} value={networks} onInput={(event) => setNetworks(event.currentTarget.value)} />}
      </Field>
      {problem === undefined ? null : <ProblemLine problem={problem} />}
      <SaveLine busy={busy} dirty={name !== "" || wanted.length > 0} refused={refused} verb="Make token"><button type="button" class="button" onClick={props.onClose}>Back</button>{name.trim() !== "" && granted.length === 0 ? <span class="small quiet">Choose what it may do.</span> : null}</SaveLine>
      {dialog}
    </form>
  );
}
