import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import type { AnswerFigure, RunAnswer } from "../../api/answerTypes.ts";
import type { RunDetail } from "../../api/types.ts";
import { Icon } from "../../components/icons.tsx";
import { More } from "../../components/ListParts.tsx";
import { Card, Empty, Loaded } from "../../components/parts.tsx";
import { countsText, latencyDelta, matchText, statusWord } from "../../lib/answers.ts";
import { duration, plural } from "../../lib/format.ts";
import { named } from "../../lib/visible.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

const icons: Record<RunAnswer["match"], "check" | "warning" | "cross"> = { same: "check", changed: "warning", no_answer: "cross" };

function Answered(props: { figure: AnswerFigure | undefined; capturedMs: number }): JSX.Element {
  const { figure, capturedMs } = props;
  if (figure === undefined) return <span class="quiet">{"\u2013"}</span>;
  const apart = figure.answered ? latencyDelta(capturedMs, figure.latency_ms) : "";
  return (
    <>
      <b>{figure.answered ? statusWord(figure.status) : "no answer"}</b>{figure.answered ? <span class="quiet"> {duration(figure.latency_ms)}{apart === "" ? "" : ` (${apart})`}</span> : null}
      <div class="tiny quiet">{countsText(figure.answers)}</div>
    </>
  );
}

function fields(row: RunAnswer): string {
  if (row.match === "no_answer") return "";
  if (row.differences > 0) return `${plural(row.differences, "field")}${row.ignored === 0 ? "" : `, ${row.ignored} ignored`}`;
  return row.ignored === 0 ? "" : `${row.ignored} ignored`;
}

function Rows(props: { run: RunDetail; evidence: string; rows: readonly RunAnswer[] }): JSX.Element {
  const { run, evidence, rows } = props;
  const compared = rows.some((row) => row.last_good !== undefined);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="What targets answered, beside what was captured">
      <table class="table table-tight table-sides">
        <caption class="unseen">What targets answered, beside what was captured</caption>
        <thead><tr><th>Exchange</th><th>Captured</th><th>Replayed</th>{compared ? <th>Last good</th> : null}<th>It is</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.exchange}>
              <th scope="row"><a class="link" href={urls.replayed(evidence, run.id, row.exchange)}>{row.exchange + 1}, {named(`${row.method} ${row.route === "" ? row.path : row.route}`)}</a><div class="tiny quiet">{row.role === "control" ? "good, control" : row.role}</div></th>
              <td class="nowrap"><b>{statusWord(row.captured.status)}</b> <span class="quiet">{duration(row.captured.latency_ms)}</span></td>
              <td class="nowrap"><Answered figure={row.replayed} capturedMs={row.captured.latency_ms} /></td>
              {compared ? <td class="nowrap"><Answered figure={row.last_good} capturedMs={row.captured.latency_ms} /></td> : null}
              <td class="nowrap"><span class="line"><Icon name={icons[row.match]} />{matchText[row.match]}</span><div class="tiny quiet">{fields(row)}</div></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Each request that was sent: what was captured, what the targets answered, and the way to the difference. */
export function AnswersCard(props: { run: RunDetail; trials: number }): JSX.Element | null {
  const { run, trials } = props;
  const evidence = run.evidence_id;
  const resource = useResource("run_answers", run.kind !== "reproduce" || evidence === undefined || trials === 0 ? "" : paths.runAnswers(run.id));
  if (run.kind !== "reproduce" || evidence === undefined || trials === 0) return null;
  return (
    <Card title="Answers" note="captured against replayed">
      <Loaded resource={resource}>{(rows) => rows.items.length === 0
        ? <Empty title="No answer was kept."><p>The run was made by a version that kept none; a new run keeps them.</p></Empty>
        : <><Rows run={run} evidence={evidence} rows={rows.items} /><More kind="run_answers" path={paths.runAnswers(run.id)} rows={rows} /></>}</Loaded>
    </Card>
  );
}
