import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { withQuery } from "../../api/endpoints.ts";
import type { Answer } from "../../api/request.ts";
import type { Delivery, Item, Problem } from "../../api/types.ts";
import { testEnd } from "../../lib/settings/notices.ts";
import { useResource } from "../../state/useResource.ts";
import { Icon } from "../icons.tsx";
import { Card, ProblemLine } from "../parts.tsx";
import { useRefresh } from "./pieces.tsx";

/** Sends a notice that tells of nothing and waits for how it ended. `closed` says why it cannot. */
export function TestCard(props: { endpoint: string; note: string; closed?: string | undefined; send: () => Promise<Answer<Item<Delivery>>> }): JSX.Element {
  const [sent, setSent] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const deliveries = useResource("deliveries", withQuery("/deliveries", { endpoint: props.endpoint }))?.data?.items;
  const delivery = deliveries?.find((each) => each.id === sent);
  const end = delivery === undefined ? undefined : testEnd(delivery);
  const waits = sent !== undefined && end === undefined;
  useRefresh("/deliveries", waits);
  const send = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    const answer = await props.send();
    setBusy(false);
    if (answer.ok) setSent(answer.value.item.id);
    else setProblem(answer.problem);
  };
  return (
    <Card title="Test" note={props.note}>
      <div class="card-body stack-tight">
        <div class="line wrap">
          <button type="button" class="button button-main" disabled={busy || waits || props.closed !== undefined} onClick={() => void send()}>{waits ? "Sending\u2026" : "Send a test"}</button>
          {props.closed === undefined ? null : <span class="small quiet">{props.closed}</span>}
          <span role="status" class="line">
            {waits ? <span class="quiet">Waiting for its answer, 20 s at most.</span> : null}
            {end === undefined ? null : <b class={end.good ? "good line" : "bad line"}><Icon name={end.good ? "check" : "warning"} />{end.sentence}</b>}
          </span>
        </div>
        {end === undefined || end.advice === "" ? null : <p class="small">{end.advice}</p>}
        {problem === undefined ? null : <ProblemLine problem={problem} />}
      </div>
    </Card>
  );
}
