import { useState } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { loadMore } from "../state/loading.ts";
import type { ResourceKind, Rows } from "../state/resources.ts";
import { dispatch } from "../state/store.ts";
import { plural } from "../lib/format.ts";
import { query, setQuery } from "../router/router.ts";
import { announce } from "./toasts.tsx";
import { useLabelId } from "./parts.tsx";

/** One filter; its value lives in the address. */
export function Filter(props: { name: string; label: string; options: { value: string; text: string }[] }): JSX.Element {
  const id = useLabelId("filter");
  const value = query.value.get(props.name) ?? "";
  return (
    <span class="filter">
      <label for={id}>{props.label}</label>
      <select id={id} class="field" value={value} onChange={(event) => setQuery(props.name, event.currentTarget.value)}>
        {props.options.map((option) => <option value={option.value} selected={option.value === value}>{option.text}</option>)}
      </select>
    </span>
  );
}

export function showNew(path: string): void {
  dispatch({ type: "fresh_shown", path });
}

/** "3 new": what arrived waits here until the reader wants it. */
export function NewRows(props: { rows: Rows<unknown>; path: string; one: string }): JSX.Element | null {
  const n = props.rows.fresh.length + props.rows.freshMore;
  return (
    <div class="new-rows" role="status">
      {n === 0 ? null : <button type="button" class="button button-on button-small" onClick={() => showNew(props.path)}>{plural(n, `new ${props.one}`)}, show</button>}
    </div>
  );
}

export function More(props: { kind: ResourceKind; path: string; rows: Rows<unknown> }): JSX.Element | null {
  const [busy, setBusy] = useState(false);
  if (props.rows.next === undefined) return null;
  const more = async (): Promise<void> => {
    setBusy(true);
    const done = await loadMore(props.kind, props.path);
    setBusy(false);
    if (!done) announce("More could not be loaded. Try again.");
  };
  return <p class="card-foot"><button type="button" class="button button-small" disabled={busy} onClick={() => void more()}>{busy ? "Loading\u2026" : "Load more"}</button></p>;
}

/** What a list says when a filter leaves nothing. */
export function FilteredOut(props: { what: string; clear: string }): JSX.Element {
  return <div class="empty"><p class="strong">No {props.what} fits this filter.</p><p class="empty-action"><a class="button" href={props.clear}>Clear the filter</a></p></div>;
}

export function ListCard(props: { title: ComponentChildren; head?: ComponentChildren; children: ComponentChildren }): JSX.Element {
  const id = useLabelId("list");
  return (
    <section class="card" aria-labelledby={id}>
      <header class="card-head card-head-wrap"><h2 id={id} class="grow">{props.title}</h2>{props.head}</header>
      {props.children}
    </section>
  );
}
