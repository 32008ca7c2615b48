import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { findWays } from "../../api/actions.ts";
import type { Answer } from "../../api/request.ts";
import { proveByPassword } from "../../api/settingsActions.ts";
import type { AuthWays, Problem } from "../../api/types.ts";
import { keepPlace } from "../../lib/place.ts";
import { me } from "../../state/store.ts";
import { Dialog } from "../Dialog.tsx";
import { ProblemLine, useLabelId } from "../parts.tsx";

const needed = "reauthentication_required";

function leaveForProvider(): void {
  keepPlace(location.pathname + location.search);
  location.assign("/api/v1/auth/oidc?again=1");
}

function ProofDialog(props: { onProved: () => void; onClose: () => void }): JSX.Element {
  const [ways, setWays] = useState<AuthWays>({ password: false });
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const id = useLabelId("proof");
  const name = me.value?.name ?? "";
  useEffect(() => void findWays().then(setWays), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy || password === "") return;
    setBusy(true);
    const answer = await proveByPassword(password);
    setBusy(false);
    setPassword("");
    if (answer.ok) props.onProved();
    else setProblem(answer.problem);
  };
  return (
    <Dialog title="Prove that it is you" onClose={props.onClose}>
      <form class="dialog-form" onSubmit={(event) => void submit(event)}>
        <p>This needs a proof of the last ten minutes. What you typed stays; it is sent once you have proved who you are.</p>
        {ways.password ? (
          <>
            <input class="unseen" type="text" autocomplete="username" value={name} readOnly tabIndex={-1} aria-hidden="true" />
            <label for={id}>Your password</label>
            <input id={id} class="field" type="password" autocomplete="current-password" maxLength={256} value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
          </>
        ) : null}
        {ways.oidc === undefined ? null : <p><button type="button" class="button" onClick={leaveForProvider}>Prove it at {ways.oidc}</button> <span class="small quiet">leaves this page</span></p>}
        <p class="small quiet">Neither? A new sign-in link does it, too: an administrator makes one, or on the server <code>reprise admin user link {name}</code>.</p>
        {problem === undefined ? null : <ProblemLine problem={problem} />}
        <div class="line line-end">
          <button type="button" class="button" onClick={props.onClose}>Back</button>
          {ways.password ? <button type="submit" class="button button-main" disabled={busy || password === ""}>{busy ? "Checking\u2026" : "Go on"}</button> : null}
        </div>
      </form>
    </Dialog>
  );
}

/** Asks for a proof when the server wants one, then does the same again. Show `dialog` somewhere. */
export function useProof(): { withProof: <T>(act: () => Promise<Answer<T>>) => Promise<Answer<T>>; dialog: JSX.Element | null } {
  const [open, setOpen] = useState(false);
  const waiting = useRef<(proved: boolean) => void>(() => undefined);
  const settle = (proved: boolean): void => {
    setOpen(false);
    const answer = waiting.current;
    waiting.current = () => undefined;
    answer(proved);
  };
  const withProof = async <T,>(act: () => Promise<Answer<T>>): Promise<Answer<T>> => {
    const answer = await act();
    if (answer.ok || answer.problem.code !== needed) return answer;
    setOpen(true);
    const proved = await new Promise<boolean>((resolve) => (waiting.current = resolve));
    return proved ? act() : answer;
  };
  return { withProof, dialog: open ? <ProofDialog onProved={() => settle(true)} onClose={() => settle(false)} /> : null };
}
