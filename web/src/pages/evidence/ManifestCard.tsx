import type { JSX } from "preact";
import type { EvidenceManifest } from "../../api/evidenceTypes.ts";
import type { Evidence } from "../../api/types.ts";
import { Card, CopyButton } from "../../components/parts.tsx";
import { bytes, count, hashText, plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { capText, roleText } from "./evidenceView.ts";

const roles = ["failing", "trigger", "control", "setup", "context"] as const;

function Hash(props: { name: string; hash: string; note: string }): JSX.Element {
  return <><dt>{props.name}</dt><dd><span class="line wrap"><code title={props.hash}>{hashText(props.hash)}</code><CopyButton text={props.hash} what={`hash of ${props.name}`} /><span class="quiet small">{props.note}</span></span></dd></>;
}

/** What went into the bundle and what did not. */
export function SelectionCard(props: { manifest: EvidenceManifest }): JSX.Element {
  const { manifest } = props;
  return (
    <Card title="Selected and left out" span="span-4">
      <p class="card-body small">{visible(manifest.selection)}</p>
      <table class="table table-tight">
        <thead><tr><th>Role</th><th class="right">Kept</th><th class="right">Left out</th></tr></thead>
        <tbody>
          {roles.map((role) => {
            const cut = manifest.cut.filter((each) => each.role === role).reduce((sum, each) => sum + each.exchanges, 0);
            if (cut === 0 && !manifest.counts[role]) return null;
            return <tr key={role}><td>{roleText[role]}</td><td class="right">{count(manifest.counts[role] ?? 0)}</td><td class="right">{cut === 0 ? <span class="quiet">0</span> : count(cut)}</td></tr>;
          })}
        </tbody>
      </table>
      {manifest.cut.length === 0 && manifest.cut_before === 0 ? null : (
        <ul class="card-body small bullets-inset">
          {manifest.cut.map((each) => <li>{plural(each.exchanges, "exchange")} ({roleText[each.role] ?? each.role}): {capText[each.cap] ?? each.cap}</li>)}
          {manifest.cut_before === 0 ? null : <li>{count(manifest.cut_before)} before the bundle was composed</li>}
        </ul>
      )}
    </Card>
  );
}

export function RedactionCard(props: { manifest: EvidenceManifest }): JSX.Element {
  const { redaction } = props.manifest;
  return (
    <Card title="Redacted before it was stored" note={redaction.version === "none" ? "no rules were applied" : `rules ${redaction.version}`} span="span-4">
      {redaction.fields.length === 0 ? <p class="card-body quiet">No field had to be redacted.</p> : (
        <div class="scroll field-list" tabIndex={0} role="region" aria-label="Redacted fields">
          <table class="table table-tight">
            <thead><tr><th>Field</th><th class="right">Exchanges</th></tr></thead>
            <tbody>{redaction.fields.map((each) => <tr key={each.field}><td><span class="redacted">{visible(each.field)}</span></td><td class="right">{count(each.exchanges)}</td></tr>)}</tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

export function HashesCard(props: { evidence: Evidence; manifest: EvidenceManifest; at: number }): JSX.Element {
  const { evidence, manifest } = props;
  const file = manifest.exchanges[props.at];
  return (
    <Card title="Hashes" note="SHA-256" span="span-4">
      <dl class="pairs card-body">
        <Hash name="Bundle" hash={evidence.sha256} note={bytes(evidence.bytes)} />
        <Hash name="Signal" hash={manifest.signal.sha256} note={bytes(manifest.signal.bytes)} />
        {file === undefined ? null : <Hash name={`Exchange ${props.at + 1}`} hash={file.sha256} note={bytes(file.bytes)} />}
        <dt>Format</dt><dd>{manifest.format}, written by {visible(manifest.producer)}</dd>
      </dl>
    </Card>
  );
}
