import type { JSX } from "preact";
import type { Finding } from "../../api/traceTypes.ts";
import { Card } from "../../components/parts.tsx";
import { measuredOf, percent, plural } from "../../lib/format.ts";
import type { TraceView } from "../../lib/trace/view.ts";
import { visible } from "../../lib/visible.ts";
import { kindText } from "../../lib/words.ts";
import { query } from "../../router/router.ts";
import { spanUrl } from "./traceQuery.ts";

function FindingRow(props: { finding: Finding; number: number; view: TraceView | undefined; isFirst: boolean }): JSX.Element {
  const { finding, view } = props;
  const span = finding.span === undefined ? undefined : view?.spans[finding.span];
  return (
    <li class="stack-tight">
      <p class="line wrap"><span class="chip chip-accent">{kindText(finding.kind)}</span>{span === undefined ? null : <a class="link cut" href={spanUrl(span.id, query.value)}>{visible(span.name)}</a>}</p>
      {/* The first one is the heading of the page. */}
      {props.isFirst ? null : <p>{visible(finding.explanation)}</p>}
      <p class="tiny quiet">{measuredOf(finding.kind, finding.observed, finding.unit)} where {measuredOf(finding.kind, finding.expected, finding.unit)} would be right; confidence {percent(finding.confidence)}</p>
      <p><b>{props.number}. {visible(finding.advice.title)}</b></p>
      <p class="quiet">{visible(finding.advice.reason)}</p>
      <p class="advice">{visible(finding.advice.change)}</p>
    </li>
  );
}

/** What a person should look at in this trace, and what to change. */
export function FindingsCard(props: { findings: Finding[]; view: TraceView | undefined }): JSX.Element | null {
  if (props.findings.length === 0) return null;
  return (
    <Card title="What to change" note={plural(props.findings.length, "finding")}>
      <ol class="rows small">{props.findings.map((finding, i) => <FindingRow finding={finding} number={i + 1} view={props.view} isFirst={i === 0} />)}</ol>
    </Card>
  );
}
