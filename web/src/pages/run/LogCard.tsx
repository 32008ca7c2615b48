import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { Icon } from "../../components/icons.tsx";
import { Card, Empty, Loaded } from "../../components/parts.tsx";
import { clockText, count } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import type { LogLine } from "../../lib/runProgress.ts";
import type { Resource } from "../../state/resources.ts";

/** Lines drawn at once; the store holds more, "Show earlier" brings them. */
const drawnStep = 400;

const kindText: Record<LogLine["type"], string> = {
  step_started: "step", step_ended: "step", log: "log", progress: "progress", measurement: "measure", verdict: "verdict",
};

function Line(props: { line: LogLine }): JSX.Element {
  const { line } = props;
  return (
    <li id={`L${line.sequence}`}>
      <span>{line.sequence}</span><time dateTime={line.at} title={line.at}>{clockText(Date.parse(line.at))}</time><span>{kindText[line.type] ?? line.type}</span><span>{visible(line.text)}</span>
    </li>
  );
}

export function LogCard(props: { runId: string; events: Resource<"run_events"> | undefined; log: LogLine[]; ended: boolean }): JSX.Element {
  const { log } = props;
  const [follow, setFollow] = useState(!props.ended);
  const [drawn, setDrawn] = useState(drawnStep);
  const box = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (follow && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [follow, log.length]);
  const shown = log.slice(-drawn);
  const save = (): void => {
    const text = log.map((line) => `${line.sequence}\t${line.at}\t${line.type}\t${line.text}`).join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
    link.download = `run-${props.runId}.log`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Card title="Log" note={`${count(log.length)} ${log.length === 1 ? "line" : "lines"}`} head={(
      <>
        <button type="button" class="button button-small" onClick={save} disabled={log.length === 0}>Download</button>
        <button type="button" class={follow ? "button button-small button-on" : "button button-small"} aria-pressed={follow} onClick={() => setFollow(!follow)}><Icon name="follow" />Follow</button>
      </>
    )}>
      <Loaded resource={props.events}>
        {() => log.length === 0 ? <Empty title="No line yet." /> : (
          <>
            {shown.length < log.length ? <p class="card-foot"><button type="button" class="button button-small" onClick={() => setDrawn(drawn + drawnStep)}>Show earlier lines</button></p> : null}
            <ol class="log" ref={box} tabIndex={0} aria-label="Log">{shown.map((line) => <Line key={line.sequence} line={line} />)}</ol>
          </>
        )}
      </Loaded>
    </Card>
  );
}
