import type { ComponentChildren, JSX } from "preact";
import { useLabelId } from "../parts.tsx";

export interface FieldNames {
  id: string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

/** A label, the control, and below it what it is for, or what is wrong with it. */
export function Field(props: { label: ComponentChildren; help?: ComponentChildren; problem?: string | undefined; changed?: boolean; children: (names: FieldNames) => ComponentChildren }): JSX.Element {
  const id = useLabelId("field");
  const wrong = props.problem !== undefined && props.problem !== "";
  return (
    <div class="form-field">
      <label for={id}>{props.label}{props.changed ? <span class="changed"> changed</span> : null}</label>
      {props.children({ id, "aria-describedby": `${id}-help`, "aria-invalid": wrong })}
      <p id={`${id}-help`} class="small quiet">{wrong ? <b class="bad" role="alert">{props.problem}</b> : props.help}</p>
    </div>
  );
}

/** One of several that may be chosen together. */
export function Check(props: { checked: boolean; disabled?: boolean; onChange: (on: boolean) => void; children: ComponentChildren; note?: ComponentChildren }): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" checked={props.checked} disabled={props.disabled ?? false} onChange={(event) => props.onChange(event.currentTarget.checked)} />
      <span><span class="ink">{props.children}</span>{props.note === undefined ? null : <span class="small quiet check-note">{props.note}</span>}</span>
    </label>
  );
}

export function SaveLine(props: { busy: boolean; dirty: boolean; refused?: boolean; verb?: string; name?: string; onUndo?: () => void; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="line wrap">
      <button type="submit" name={props.name} class="button button-main" disabled={props.busy || !props.dirty || props.refused === true}>{props.busy ? "Saving\u2026" : props.verb ?? "Save"}</button>
      {props.dirty && props.onUndo !== undefined ? <button type="button" class="button" onClick={props.onUndo}>Undo changes</button> : null}
      {props.children}
    </div>
  );
}
