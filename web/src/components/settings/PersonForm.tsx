import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { addUser } from "../../api/settingsActions.ts";
import type { UserLink } from "../../api/settingsActions.ts";
import type { Problem, Role } from "../../api/types.ts";
import { nameProblem, roles, toggled } from "../../lib/settings/access.ts";
import { ProblemLine } from "../parts.tsx";
import { Check, Field, SaveLine } from "./Field.tsx";
import { useFocus } from "./useFocus.ts";

export function RoleChecks(props: { held: readonly Role[]; service: boolean; disabled?: boolean; onChange: (held: Role[]) => void }): JSX.Element {
  return (
    <fieldset class="choices" disabled={props.disabled ?? false}><legend>Roles</legend>
      {roles.map(({ role, does }) => {
        const never = props.service && role === "approver";
        return <Check checked={!never && props.held.includes(role)} disabled={never} onChange={(on) => props.onChange(toggled(props.held, role, on))} note={never ? "never for a program: only people decide" : does}>{role}</Check>;
      })}
    </fieldset>
  );
}

/** Adds somebody, or a service account when `kind` says so. */
export function PersonForm(props: { kind: "person" | "service"; onAdded: (made: UserLink) => void; onClose: () => void }): JSX.Element {
  const service = props.kind === "service";
  const [name, setName] = useState("");
  const [held, setHeld] = useState<Role[]>(service ? ["operator"] : ["viewer"]);
  const [busy, setBusy] = useState(false);
  const first = useFocus<HTMLInputElement>();
  const [problem, setProblem] = useState<Problem>();
  const wrong = nameProblem(name) || (problem?.code === "name_taken" ? problem.detail : "");
  const refused = name.trim() === "" || nameProblem(name) !== "" || held.length === 0;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || refused) return;
    setBusy(true);
    const answer = await addUser({ name: name.trim(), roles: held, kind: props.kind });
    setBusy(false);
    if (answer.ok) props.onAdded(answer.value);
    else setProblem(answer.problem);
  };
  return (
    <form class="card-body form" onSubmit={(event) => void submit(event)}>
      <Field label="Name" problem={wrong} help={service ? "What the program is called in the audit: ci, deployer." : "As colleagues know them; it stands in the audit and is how they sign in with a password."}>
        {(names) => <input {...names} class="field" autocomplete="off" ref={first} maxLength={64} value={name} onInput={(event) => { setName(event.currentTarget.value); setProblem(undefined); }} />}
      </Field>
      <RoleChecks held={held} service={service} onChange={setHeld} />
      {held.length === 0 ? <p class="small bad" role="alert">At least one role: without any nothing can be seen.</p> : null}
      {problem === undefined || problem.code === "name_taken" ? null : <ProblemLine problem={problem} />}
      <SaveLine busy={busy} dirty={name !== ""} refused={refused} verb={service ? "Add service account" : "Add and make a sign-in link"}><button type="button" class="button" onClick={props.onClose}>Back</button></SaveLine>
    </form>
  );
}
