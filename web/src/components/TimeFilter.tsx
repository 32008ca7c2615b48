import type { JSX } from "preact";
import { fieldOfTime, timeOfField } from "../lib/dateField.ts";
import { zone } from "../lib/preferences.ts";
import { query, setQuery } from "../router/router.ts";
import { useLabelId } from "./parts.tsx";

/** A point in time that narrows a list; it lives in the address as RFC 3339. */
export function TimeFilter(props: { name: string; label: string }): JSX.Element {
  const id = useLabelId("filter");
  const value = fieldOfTime(query.value.get(props.name) ?? "", zone.value);
  const take = (typed: string): void => {
    if (typed !== value) setQuery(props.name, timeOfField(typed, zone.peek()) ?? "");
  };
  return (
    <span class="filter">
      <label for={id}>{props.label}</label>
      <input id={id} class="field filter-time" type="datetime-local" title={zone.value === "utc" ? "In UTC" : "Local time"} key={value} defaultValue={value} onBlur={(event) => take(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === "Enter") take(event.currentTarget.value); }} />
    </span>
  );
}

/** From when to when; both live in the address. */
export function TimeRange(): JSX.Element {
  return <span class="line wrap"><TimeFilter name="from" label="From" /><TimeFilter name="to" label="Before" /></span>;
}
