import type { JSX } from "preact";
import type { ValueRange } from "../../api/detectionTypes.ts";
import { rangeText, shownValue, valueProblem, withUnit } from "../../lib/settings/detection.ts";
import type { Threshold } from "../../lib/settings/detection.ts";
import { useLabelId } from "../parts.tsx";

/** One threshold: what it means, what is typed, the server's own value and the way back to it. */
export function ThresholdRow(props: { threshold: Threshold; typed: string; own: number; range: ValueRange | undefined; changed: boolean; refused: string | undefined; onType: (typed: string) => void }): JSX.Element {
  const { threshold, typed, own, range } = props;
  const id = useLabelId("threshold");
  const wrong = valueProblem(threshold, typed, range) ?? props.refused;
  return (
    <div class="threshold">
      <div>
        <label for={id}>{threshold.label}{props.changed ? <span class="changed"> changed</span> : null}</label>
        <p id={`${id}-help`} class="small quiet">{threshold.help}{range === undefined ? "" : ` ${rangeText(threshold, range)}.`}</p>
        {wrong === undefined ? null : <p class="small bad strong" role="alert">{wrong}</p>}
      </div>
      <span class="line">
        <input id={id} class="field threshold-value" type="text" inputMode="decimal" autocomplete="off" spellcheck={false} maxLength={20} placeholder={shownValue(threshold, own)} aria-describedby={`${id}-help`} aria-invalid={wrong !== undefined}
          value={typed} onInput={(event) => props.onType(event.currentTarget.value)} />
        <span class="small quiet">{threshold.unit}</span>
      </span>
      {typed.trim() === "" ? <span class="small quiet">the server{"\u2019"}s own</span>
        : <button type="button" class="button button-small" aria-label={`Back to ${withUnit(threshold, own)}, the server\u2019s own: ${threshold.label}`} onClick={() => props.onType("")}>Back to {withUnit(threshold, own)}</button>}
    </div>
  );
}
