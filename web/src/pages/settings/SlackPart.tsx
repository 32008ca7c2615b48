import "../../common.ts";
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { linkSlack, sendSlackTest } from "../../api/settingsActions.ts";
import type { Problem, SlackPerson } from "../../api/types.ts";
import { announceProblem, PartHead } from "../../components/settings/pieces.tsx";
import { TestCard } from "../../components/settings/TestCard.tsx";
import { Card, CopyButton, Empty, Loaded, ProblemLine, Time, useLabelId } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { useTitle } from "../../components/useTitle.ts";
import { plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { slackEndpoint } from "../../lib/settings/notices.ts";
import { peopleInSlack } from "../../lib/settings/access.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

const config = "forge:\n  slack:\n    token_file: /etc/reprise/slack.token\n    signing_secret_file: /etc/reprise/slack.secret\n    channel: C0123456789";

function Row(props: { person: SlackPerson }): JSX.Element {
  const { person } = props;
  const [typed, setTyped] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const id = useLabelId("slack");
  const value = typed ?? person.slack_user_id;
  const dirty = value.trim() !== person.slack_user_id;
  const wrong = value.trim() !== "" && !/^[UW][A-Z0-9]+$/.test(value.trim());
  const link = async (to: string): Promise<void> => {
    const answer = await linkSlack(person.person_id, to);
    if (!answer.ok) return setProblem(answer.problem);
    setProblem(undefined);
    setTyped(undefined);
    const back = (): void => void linkSlack(person.person_id, person.slack_user_id).then((done) => (done.ok ? announce(`${person.name} is as before.`) : announceProblem(done.problem)));
    announce(to === "" ? `${person.name} is unlinked.` : `${person.name} is ${to} in Slack.`, back);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (dirty && !wrong) void link(value.trim());
  };
  return (
    <tr>
      <td class="full"><label for={id} class="strong">{visible(person.name)}</label><div class="small quiet">{person.slack_user_id === "" ? "not linked" : <>linked by {person.linked_by.replace(/^user:/, "")}, <Time at={person.linked_at} relative /></>}</div>{problem === undefined ? null : <ProblemLine problem={problem} />}</td>
      <td>
        <form class="line" onSubmit={submit}>
          <input id={id} class="field mono member" spellcheck={false} autocomplete="off" maxLength={32} placeholder="U0123456789" aria-invalid={wrong} value={value} onInput={(event) => setTyped(event.currentTarget.value)} />
          <button type="submit" class="button" disabled={!dirty || wrong}>{value.trim() === "" && person.slack_user_id !== "" ? "Unlink" : "Save"}</button>
        </form>
        {wrong ? <p class="small bad" role="alert">Member ids begin with U or W.</p> : null}
      </td>
    </tr>
  );
}

export function SlackPart(): JSX.Element {
  const users = useResource("users", "/users");
  const links = useResource("slack_people", "/slack/people");
  const people = users?.data === undefined || links?.data === undefined ? undefined : peopleInSlack(users.data.items, links.data.items);
  const linked = people?.filter((person) => person.slack_user_id !== "").length ?? 0;
  useTitle("Slack");
  return (
    <>
      <PartHead title={people === undefined ? "Slack" : `${linked} of ${plural(people.length, "person", "people")} ${linked === 1 ? "is" : "are"} known in Slack.`} about="Approve and Reject in Slack count as the person who is linked; who is not linked only reads. CRITICAL content is decided here alone.">
        <a class="button" href={`${urls.settings("deliveries")}?endpoint=slack`}>What was sent to Slack</a>
      </PartHead>
      <section class="card" aria-label="People in Slack">
        <Loaded resource={links} lines={4}>
          {() => people === undefined ? null : people.length === 0 ? <Empty title="There is nobody to link." /> : <table class="table table-fold"><thead><tr><th>Person</th><th>Slack member id</th></tr></thead><tbody>{people.map((person) => <Row key={person.person_id} person={person} />)}</tbody></table>}
        </Loaded>
        <p class="card-foot small quiet">In Slack: the person{"\u2019"}s profile, the three dots, Copy member ID.</p>
      </section>
      <TestCard endpoint={slackEndpoint} note="a message that tells of nothing, sent once" send={sendSlackTest} />
      <Card title="The channel" note="stands in the server's configuration; restart after a change">
        <div class="card-body line"><pre class="code code-boxed grow" tabIndex={0} aria-label="Configuration">{config}</pre><CopyButton class="button" text={config} what="Configuration">Copy</CopyButton></div>
        <p class="card-foot small quiet">The request URL of the Slack app is <code>{location.origin}/api/v1/hooks/slack/interactions</code>. Without it messages come, but have no working buttons.</p>
      </Card>
    </>
  );
}
