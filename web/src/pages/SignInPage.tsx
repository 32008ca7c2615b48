import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Problem } from "../api/types.ts";
import { findMe, signInByLink } from "../api/actions.ts";
import { Logo } from "../components/icons.tsx";
import { ProblemLine } from "../components/parts.tsx";
import { useTitle } from "../components/useTitle.ts";
import { parseLoginHash } from "../router/route.ts";
import { go } from "../router/router.ts";

type Step = { kind: "none" } | { kind: "checking" } | { kind: "failed"; problem: Problem };

/** Links are used once: the token leaves the address bar and the history before it is sent. */
function takeToken(): string | undefined {
  const token = parseLoginHash(location.hash);
  if (token !== undefined) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

function Help(): JSX.Element {
  return (
    <>
      <h2>How to get a link</h2>
      <ul class="bullets">
        <li>Starting the server with <code>reprise serve</code> prints a link that signs in once.</li>
        <li><code>reprise admin user link NAME</code> on the server prints one for somebody who is known.</li>
        <li><code>reprise admin user add NAME --roles viewer,operator</code> makes somebody known.</li>
      </ul>
      <p class="quiet small">A link works once. There is no password to forget, and the page you wanted opens after signing in.</p>
    </>
  );
}

export function SignInPage(props: { problem: Problem | undefined }): JSX.Element {
  const [step, setStep] = useState<Step>({ kind: "none" });
  useTitle("Sign in");
  const tryToken = async (token: string): Promise<void> => {
    setStep({ kind: "checking" });
    const answer = await signInByLink(token);
    if (!answer.ok) setStep({ kind: "failed", problem: answer.problem });
    else go(location.pathname + location.search, true);
  };
  useEffect(() => {
    const onHash = (): void => {
      const token = takeToken();
      if (token) void tryToken(token);
    };
    onHash();
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);
  const failed = step.kind === "failed" ? step.problem : props.problem;
  return (
    <main id="main" class="sign-in">
      <p class="brand"><Logo />Reprise</p>
      <div class="card card-body stack">
        <h1>{step.kind === "checking" ? "Signing in\u2026" : step.kind === "failed" ? "This link did not sign you in." : "You need a sign-in link."}</h1>
        {failed === undefined || step.kind === "checking" ? null : <ProblemLine problem={failed} onRetry={step.kind === "failed" ? undefined : () => void findMe()} />}
        {step.kind === "checking" ? <p role="status">One moment.</p> : <Help />}
      </div>
    </main>
  );
}
