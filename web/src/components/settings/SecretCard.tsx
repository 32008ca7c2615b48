import type { ComponentChildren, JSX } from "preact";
import { Icon } from "../icons.tsx";
import { CopyButton } from "../parts.tsx";
import { useFocus } from "./useFocus.ts";

/** What is shown this once. It stays on the page, so that no stray key loses it, until the person says they have it. */
export function SecretCard(props: { title: string; what: string; secret: string; children?: ComponentChildren; onKept: () => void }): JSX.Element {
  const card = useFocus<HTMLElement>();
  return (
    <section ref={card} class="card secret" tabIndex={-1} aria-label={props.title}>
      <div class="card-body stack-tight">
        <h2 class="line"><Icon name="lock" />{props.title}</h2>
        <div class="line wrap">
          <code class="secret-text grow" tabIndex={0}>{props.secret}</code>
          <CopyButton class="button button-on" text={props.secret} what={props.what}>Copy</CopyButton>
        </div>
        {props.children}
        <div class="line"><button type="button" class="button" onClick={props.onKept}>I have kept it</button></div>
      </div>
    </section>
  );
}
