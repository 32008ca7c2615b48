import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { AuthWays, Problem } from "../api/types.ts";
import { findMe, findWays, signInByLink, signInByPassword } from "../api/actions.ts";
import { Logo } from "../components/icons.tsx";
import { ProblemLine, useLabelId } from "../components/parts.tsx";
import { useTitle } from "../components/useTitle.ts";
import { keepPlace } from "../lib/place.ts";
import { parseLoginHash } from "../router/route.ts";
import { go } from "../router/router.ts";

type Step = { kind: "none" } | { kind: "checking" } | { kind: "failed"; problem: Problem };

/** Why the provider of identities sent somebody back without signing them in. */
const refusals: Record<string, string> = {
  oidc_state: "The answer came too late, twice, or to another browser. Try again.",
  oidc_refused: "The provider did not sign you in.",
  oidc_token: "What the provider sent could not be trusted. The server\u2019s log says why.",
  oidc_unavailable: "The provider cannot be reached right now.",
  oidc_no_role: "The provider knows you, but none of your groups may come in here. Ask an administrator.",
  oidc_other_person: "Somebody else signed in at the provider.",
};

/** Links are used once: the token leaves the address bar and the history before it is sent. */
function takeHash(): { token: string; refused: string } | undefined {
  const found = parseLoginHash(location.hash);
  if (found !== undefined) history.replaceState(null, "", location.pathname + location.search);
  return found;
}

function leaveForProvider(): void {
  keepPlace(location.pathname + location.search);
  location.assign("/api/v1/auth/oidc");
}

function PasswordForm(): JSX.Element {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const nameId = useLabelId("name");
  const passwordId = useLabelId("password");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const answer = await signInByPassword(name, password);
    setBusy(false);
    setPassword("");
    if (answer.ok) go(location.pathname + location.search, true);
    else setProblem(answer.problem);
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <label for={nameId}>Name</label>
      <input id={nameId} class="field" autocomplete="username" required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      <label for={passwordId}>Password</label>
      <input id={passwordId} class="field" type="password" autocomplete="current-password" required maxLength={256} value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
      {problem === undefined ? null : <ProblemLine problem={problem} />}
      <div class="line"><button type="submit" class="button button-main" disabled={busy}>{busy ? "Signing in\u2026" : "Sign in"}</button></div>
    </form>
  );
}

function Help(): JSX.Element {
  return (
    <>
      <h2>By a link</h2>
      <ul class="bullets">
        <li>Starting the server with <code>reprise serve</code> prints a link that signs in once.</li>
        <li><code>reprise admin user link NAME</code> on the server prints one for somebody who is known.</li>
        <li><code>reprise admin user add NAME --roles viewer,operator</code> makes somebody known.</li>
      </ul>
      <p class="quiet small">A link works once, and who came by one may set a password. The page you wanted opens after signing in.</p>
    </>
  );
}

function Ways(props: { ways: AuthWays }): JSX.Element {
  const { password, oidc } = props.ways;
  return (
    <>
      {oidc === undefined ? null : <div class="line"><button type="button" class="button" onClick={leaveForProvider}>Sign in with {oidc}</button></div>}
      {password ? <PasswordForm /> : null}
      <Help />
    </>
  );
}

function titleOf(step: Step, ways: AuthWays): string {
  if (step.kind === "checking") return "Signing in\u2026";
  if (step.kind === "failed") return "This link did not sign you in.";
  return ways.password || ways.oidc !== undefined ? "Sign in" : "You need a sign-in link.";
}

export function SignInPage(props: { problem: Problem | undefined }): JSX.Element {
  const [step, setStep] = useState<Step>({ kind: "none" });
  const [ways, setWays] = useState<AuthWays>({ password: false });
  const [refused, setRefused] = useState("");
  useTitle("Sign in");
  const tryToken = async (token: string): Promise<void> => {
    setStep({ kind: "checking" });
    const answer = await signInByLink(token);
    if (!answer.ok) setStep({ kind: "failed", problem: answer.problem });
    else go(location.pathname + location.search, true);
  };
  useEffect(() => {
    const onHash = (): void => {
      const found = takeHash();
      if (found?.token) void tryToken(found.token);
      if (found?.refused) setRefused(found.refused);
    };
    onHash();
    void findWays().then(setWays);
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);
  const failed = step.kind === "failed" ? step.problem : props.problem;
  return (
    <main id="main" class="sign-in">
      <p class="brand"><Logo />Reprise</p>
      <div class="card card-body stack">
        <h1>{titleOf(step, ways)}</h1>
        {failed === undefined || step.kind === "checking" ? null : <ProblemLine problem={failed} onRetry={step.kind === "failed" ? undefined : () => void findMe()} />}
        {refused === "" ? null : <p role="alert">{refusals[refused] ?? "The provider did not sign you in."}</p>}
        {step.kind === "checking" ? <p role="status">One moment.</p> : <Ways ways={ways} />}
      </div>
    </main>
  );
}
