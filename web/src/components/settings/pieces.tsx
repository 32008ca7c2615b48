import { useEffect } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import type { Problem, Role } from "../../api/types.ts";
import { dispatch, me } from "../../state/store.ts";
import { query, setQuery } from "../../router/router.ts";
import { Empty, useLabelId } from "../parts.tsx";
import { announce } from "../toasts.tsx";
import { problemSentence } from "../../api/problem.ts";

/** Instead of a part that the person's roles do not show. */
export function NoRole(props: { role: Role; what: string }): JSX.Element {
  return (
    <div class="card"><Empty title={`${props.what} is for the role ${props.role}.`}>
      <p>You have {me.value?.roles.join(", ") ?? "no role"}. Ask an administrator for it; nobody can give themselves a role.</p>
    </Empty></div>
  );
}

export function hasRole(role: Role): boolean {
  return me.value?.roles.includes(role) ?? false;
}

/** A filter that is typed; it counts on Enter or when the field is left, and lives in the address. */
export function TextFilter(props: { name: string; label: string; placeholder?: string; options?: readonly string[] }): JSX.Element {
  const id = useLabelId("filter");
  const value = query.value.get(props.name) ?? "";
  const take = (typed: string): void => {
    if (typed.trim() !== value) setQuery(props.name, typed.trim());
  };
  return (
    <span class="filter">
      <label for={id}>{props.label}</label>
      <input id={id} class="field" type="search" spellcheck={false} autocomplete="off" list={props.options === undefined ? undefined : `${id}-list`} placeholder={props.placeholder} key={value} defaultValue={value}
        onChange={(event) => take(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === "Enter") take(event.currentTarget.value); }} />
      {props.options === undefined ? null : <datalist id={`${id}-list`}>{props.options.map((option) => <option value={option} />)}</datalist>}
    </span>
  );
}

const refreshMs = 1000;

/** Loads what is below `prefix` again each second for as long as something is on its way: no live event tells of it. */
export function useRefresh(prefix: string, on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => dispatch({ type: "marked_stale", prefix }), refreshMs);
    return () => clearInterval(timer);
  }, [prefix, on]);
}

export function announceProblem(problem: Problem): void {
  announce(problemSentence(problem));
}

/** The sentence of a part, and what one can do at once. */
export function PartHead(props: { title: string; children?: ComponentChildren; about?: ComponentChildren }): JSX.Element {
  return (
    <div class="head part-head">
      <div class="line wrap"><h1 class="grow">{props.title}</h1>{props.children}</div>
      {props.about === undefined ? null : <p class="quiet about">{props.about}</p>}
    </div>
  );
}
