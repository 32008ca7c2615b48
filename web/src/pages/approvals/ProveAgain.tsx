import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { signInAgain } from "../../api/actions.ts";
import type { Problem } from "../../api/types.ts";
import { ProblemLine } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { keepPlace } from "../../lib/place.ts";

function leaveForProvider(): void {
  keepPlace(location.pathname + location.search);
  location.assign("/api/v1/auth/oidc?again=1");
}

/** CRITICAL needs a sign-in of the last minutes. Stands inside the second step, so it is no form of its own. */
export function ProveAgain(props: { onDone: () => void }): JSX.Element {
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const prove = async (): Promise<void> => {
    if (busy || password === "") return;
    setBusy(true);
    const answer = await signInAgain(password);
    setBusy(false);
    setPassword("");
    if (!answer.ok) return setProblem(answer.problem);
    announce("Signed in again.");
    props.onDone();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    void prove();
  };
  return (
    <div class="confirm-note stack-tight">
      <p class="line wrap">
        <label for="prove-again">You signed in some time ago. To release CRITICAL, your password again</label>
        <input id="prove-again" class="field field-fit" type="password" autocomplete="current-password" maxLength={256} value={password} onKeyDown={onKey} onInput={(event) => setPassword(event.currentTarget.value)} />
        <button type="button" class="button" disabled={busy || password === ""} onClick={() => void prove()}>Sign in again</button>
        <button type="button" class="text-button" onClick={leaveForProvider}>or through the provider</button>
      </p>
      {problem === undefined ? null : <ProblemLine problem={problem} />}
    </div>
  );
}
