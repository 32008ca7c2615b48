import type { Role, SlackPerson, User } from "../../api/types.ts";
import type { Scope, Session, Token } from "../../api/settingsTypes.ts";

// Roles, scopes and sessions in words. Pure.

export const roles: { role: Role; does: string }[] = [
  { role: "viewer", does: "reads everything but the audit" },
  { role: "operator", does: "acts on incidents and runs, changes services" },
  { role: "approver", does: "decides at the gate what is released" },
  { role: "admin", does: "looks after people, webhooks and the audit" },
];

export interface ScopeText {
  scope: Scope;
  does: string;
  /** What its person must be; "any" is every role. */
  needs: Role | "any";
}

export const scopes: ScopeText[] = [
  { scope: "runs:read", does: "read what a viewer reads; with operator webhooks that came in and notices sent", needs: "any" },
  { scope: "runs:write", does: "act on incidents, runs and dead letters, hand in fixes", needs: "operator" },
  { scope: "events:write", does: "report errors", needs: "operator" },
  { scope: "deployments:write", does: "report deployments", needs: "operator" },
  { scope: "admin:read", does: "read people, webhooks and the audit", needs: "admin" },
];

export function mayGrant(scope: ScopeText, held: readonly Role[]): boolean {
  return scope.needs === "any" ? held.length > 0 : held.includes(scope.needs);
}

/** "operator and admin" */
export function joined(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** Adds or removes, in the order of `roles`. */
export function toggled(held: readonly Role[], role: Role, on: boolean): Role[] {
  return roles.map((each) => each.role).filter((each) => (each === role ? on : held.includes(each)));
}

/** What a person gains and loses, for the confirmation: "gains approver, loses admin". */
export function roleChange(before: readonly Role[], after: readonly Role[]): string {
  const gained = after.filter((role) => !before.includes(role));
  const lost = before.filter((role) => !after.includes(role));
  return [gained.length === 0 ? "" : `gains ${joined(gained)}`, lost.length === 0 ? "" : `loses ${joined(lost)}`].filter((text) => text !== "").join(", ");
}

export type TokenState = "usable" | "revoked" | "expired";

export function tokenState(token: Pick<Token, "revoked_at" | "expires_at">, nowMs: number): TokenState {
  if (token.revoked_at !== undefined) return "revoked";
  return Date.parse(token.expires_at) <= nowMs ? "expired" : "usable";
}

/** "3 usable tokens; the next to expire is CI, in 12 days." needs the soonest. */
export function soonest(tokens: readonly Token[], nowMs: number): Token | undefined {
  const usable = tokens.filter((token) => tokenState(token, nowMs) === "usable");
  return usable.reduce<Token | undefined>((first, token) => (first === undefined || token.expires_at < first.expires_at ? token : first), undefined);
}

/** Everybody who may press a button in Slack, linked or not, by name. */
export function peopleInSlack(users: readonly User[], links: readonly SlackPerson[]): SlackPerson[] {
  return users.filter((user) => user.kind === "person" && (!user.disabled || links.some((link) => link.person_id === user.id)))
    .map((user) => links.find((link) => link.person_id === user.id) ?? { person_id: user.id, name: user.name, slack_user_id: "", linked_by: "" })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Networks as people type them: commas, blanks, lines. */
export function parseNetworks(typed: string): string[] {
  return typed.split(/[\s,;]+/).filter((word) => word !== "");
}

export const authText: Record<Session["auth"], string> = { link: "By a link", password: "By password", oidc: "Through the provider" };

/** What is wrong with a new password, before the server says the same; empty: nothing. */
export function passwordProblem(password: string, name: string): string {
  const size = new TextEncoder().encode(password).length;
  if (size < 12) return "At least 12 characters. A few words that do not belong together are easiest to remember.";
  if (size > 256) return "At most 256 bytes.";
  if (new Set(password).size < 5) return "It repeats the same few characters.";
  if (name !== "" && password.toLowerCase().includes(name.toLowerCase())) return "It holds your name.";
  return "";
}

/** What is wrong with the name of a person or service account; empty: nothing. */
export function nameProblem(name: string): string {
  if (name.trim() === "") return "";
  if (/[,:\u0000-\u001f\u007f]/.test(name)) return "No commas, colons or control characters.";
  return new TextEncoder().encode(name).length > 64 ? "At most 64 bytes." : "";
}
