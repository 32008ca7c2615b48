import type { JSX } from "preact";
import type { UserLink } from "../../api/settingsActions.ts";
import { Time } from "../parts.tsx";
import { SecretCard } from "./SecretCard.tsx";

/** A person's way in, once. */
export function LinkCard(props: { made: UserLink; onKept: () => void }): JSX.Element | null {
  const { item, link, expires_at } = props.made;
  if (link === undefined) return null;
  return (
    <SecretCard title={`The sign-in link of ${item.name}, shown this once`} what="Sign-in link" secret={link} onKept={props.onKept}>
      <p class="small quiet">Give it to {item.name} by a way that only they read. It works once, until <Time at={expires_at} />; whoever opens it is signed in as {item.name}. Too late? Make another here.</p>
    </SecretCard>
  );
}
