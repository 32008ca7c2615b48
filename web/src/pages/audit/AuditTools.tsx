import { useState } from "preact/hooks";
import type { JSX } from "preact";
import { verifyAudit } from "../../api/settingsActions.ts";
import type { AuditReport } from "../../api/settingsTypes.ts";
import type { Problem } from "../../api/types.ts";
import { Icon } from "../../components/icons.tsx";
import { Card, CopyButton, ProblemLine, Time } from "../../components/parts.tsx";
import { announce } from "../../components/toasts.tsx";
import { count, hashText, plural } from "../../lib/format.ts";
import { exportPages } from "../../lib/settings/exportPages.ts";
import { urls } from "../../router/route.ts";

function Report(props: { report: AuditReport; at: string }): JSX.Element {
  const { report } = props;
  return (
    <>
      <p class={report.ok ? "good line" : "bad line"}><Icon name={report.ok ? "check" : "warning"} /><b>{report.ok ? `All ${plural(report.rows, "row")} are as they were written.` : `Row ${count(report.first_bad ?? 0)} is not what was written: ${report.reason ?? "no reason"}.`}</b></p>
      {report.ok ? null : <p class="small">Everything before it holds. Keep the database as it is, compare with the checkpoints kept elsewhere (<code>reprise admin audit verify</code>) and see <a class="link" href={`${urls.audit}?order=oldest&after=${Math.max(0, (report.first_bad ?? 1) - 2)}&row=${report.first_bad ?? 0}`}>the rows around it</a>.</p>}
      <dl class="pairs">
        <dt>Head</dt><dd class="line"><code class="cut">{hashText(report.head_hash)}</code><CopyButton text={report.head_hash} what="Head" /></dd>
        <dt>Checkpoints</dt><dd>{report.checkpoint_seq === undefined ? "none signed so far; one is made a minute after a change" : <>{count(report.checkpoints)}, the newest confirms row {count(report.checkpoint_seq)}, signed <Time at={report.checkpoint_at} relative /></>}</dd>
        <dt>Checked</dt><dd><Time at={props.at} relative /></dd>
      </dl>
    </>
  );
}

async function getPage(url: string): Promise<{ ok: boolean; text: string; link: string; requestId: string }> {
  try {
    const response = await fetch(url, { credentials: "same-origin" });
    return { ok: response.ok, text: await response.text(), link: response.headers.get("Link") ?? "", requestId: response.headers.get("X-Request-Id") ?? "" };
  } catch {
    return { ok: false, text: "", link: "", requestId: "" };
  }
}

function save(text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" }));
  link.download = `audit-${new Date().toISOString().slice(0, 10)}.jsonl`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Whether the chain holds, and a copy of it. */
export function AuditTools(): JSX.Element {
  const [checked, setChecked] = useState<{ report: AuditReport; at: string }>();
  const [problem, setProblem] = useState<Problem>();
  const [checking, setChecking] = useState(false);
  const [exporting, setExporting] = useState<number>();
  const verify = async (): Promise<void> => {
    setChecking(true);
    const answer = await verifyAudit();
    setChecking(false);
    if (!answer.ok) return setProblem(answer.problem);
    setProblem(undefined);
    setChecked({ report: answer.value.item, at: new Date().toISOString() });
  };
  const take = async (): Promise<void> => {
    setExporting(0);
    const found = await exportPages("/api/v1/audit.jsonl", { get: getPage, onPage: setExporting });
    setExporting(undefined);
    if (found.kind === "whole") {
      save(found.text);
      announce(`${plural(found.rows, "row")} saved as JSON lines. The export is in the audit itself.`);
    } else if (found.kind === "too_large") announce(`${count(found.rows)} rows are too many for a browser. On the server: reprise admin audit export --out audit.jsonl`);
    else announce(`The export stopped${found.requestId === "" ? "" : `, request ${found.requestId}`}. Nothing was saved; try again.`);
  };
  return (
    <Card title="Does the chain hold?" note="each row is signed over the one before it" head={(
      <>
        <button type="button" class="button button-on button-small" disabled={checking} onClick={() => void verify()}>{checking ? "Reading every row\u2026" : checked === undefined ? "Verify" : "Verify again"}</button>
        <button type="button" class="button button-small" disabled={exporting !== undefined} onClick={() => void take()}>{exporting === undefined ? "Export" : `${count(exporting)} rows\u2026`}</button>
      </>
    )}>
      <div class="card-body stack-tight" role="status">
        {problem === undefined ? null : <ProblemLine problem={problem} onRetry={() => void verify()} />}
        {checked === undefined ? <p class="quiet small">Verify reads every row and compares it with the chain, its signed head and the signed checkpoints.</p> : <Report report={checked.report} at={checked.at} />}
      </div>
    </Card>
  );
}
