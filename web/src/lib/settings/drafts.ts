import type { Problem } from "../../api/types.ts";

// A form beside what is stored: what was changed, what somebody else changed meanwhile. Pure.

export type Values = Readonly<Record<string, string | boolean>>;

export interface FieldName {
  name: string;
  label: string;
}

/** Fields whose values differ, texts without the blanks around them. */
export function changedFields<T extends Values>(before: T, after: T): (keyof T & string)[] {
  return (Object.keys(before) as (keyof T & string)[]).filter((name) => tidy(before[name]) !== tidy(after[name]));
}

function tidy(value: string | boolean | undefined): string | boolean | undefined {
  return typeof value === "string" ? value.trim() : value;
}

export function trimmed<T extends Values>(values: T): T {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tidy(value)])) as T;
}

export interface Clash {
  name: string;
  label: string;
  /** As it was when the form was opened, as it is stored now, as it stands in the form. */
  before: string;
  theirs: string;
  mine: string;
  /** Both changed it, and differently. */
  both: boolean;
}

function shown(value: string | boolean | undefined): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === undefined || value === "" ? "empty" : value;
}

/** What somebody else saved while the form was open, field by field. */
export function clashes<T extends Values>(before: T, theirs: T, mine: T, fields: readonly FieldName[]): Clash[] {
  const changed = changedFields(before, theirs) as string[];
  return fields.filter((field) => changed.includes(field.name)).map(({ name, label }) => ({
    name, label, before: shown(before[name]), theirs: shown(theirs[name]), mine: shown(mine[name]),
    both: tidy(mine[name]) !== tidy(before[name]) && tidy(mine[name]) !== tidy(theirs[name]),
  }));
}

/** Mine where I changed something, theirs everywhere else. */
export function merged<T extends Values>(before: T, theirs: T, mine: T): T {
  const mineToo = changedFields(before, mine) as string[];
  return Object.fromEntries(Object.keys(theirs).map((name) => [name, mineToo.includes(name) ? mine[name] : theirs[name]])) as T;
}

/** The field that a refusal is about, as its sentence begins: "tracker: ...", "name must ...". */
export function fieldOf(problem: Problem | undefined, names: readonly string[]): string | undefined {
  if (problem === undefined || (problem.status !== 400 && problem.status !== 422)) return undefined;
  const first = /^"?([a-z_]+)\b/.exec(problem.detail)?.[1];
  return first !== undefined && names.includes(first) ? first : undefined;
}

/** The sentence without the field's name, which stands beside it already. */
export function fieldSentence(problem: Problem): string {
  const rest = problem.detail.replace(/^[a-z_]+:\s*/, "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
