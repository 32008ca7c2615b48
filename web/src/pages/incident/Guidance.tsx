import type { JSX } from "preact";
import type { IncidentDetail } from "../../api/types.ts";
import { Icon } from "../../components/icons.tsx";
import { urls } from "../../router/route.ts";
import { named } from "../../lib/visible.ts";

function say(incident: IncidentDetail): JSX.Element | undefined {
  switch (incident.reason) {
    case "no_target":
      return <>It cannot be replayed yet: {named(incident.service)} has no replay target. <a class="link" href={urls.settings("services", incident.service)}>Add one</a>, then choose Reproduce. Or publish it without proof.</>;
    case "not_reproduced":
      return <>The captured traffic did not show it again. Look at the run: the target may be another version, or hold other data.</>;
    case "flaky":
      return <>Some trials show it and some do not. Start over for five more trials, or publish it with these counts.</>;
    case "inconclusive":
      return <>The replay could not decide. The run says why: a control outside its baseline, a redacted input, or a target that did not answer.</>;
    case "approval_expired":
      return <>Nobody decided in time, so nothing was sent. Start over to ask again.</>;
    case "dead_letter":
      return <>A run failed for good after all its attempts. Open it to read the last error; it can be retried there.</>;
    default:
      return undefined;
  }
}

/** What a person can do about an incident that waits for one. */
export function Guidance(props: { incident: IncidentDetail }): JSX.Element | null {
  if (props.incident.status !== "needs_human") return null;
  const text = say(props.incident);
  if (text === undefined) return null;
  return <p class="problem"><Icon name="person" /><span class="grow">{text}</span></p>;
}
