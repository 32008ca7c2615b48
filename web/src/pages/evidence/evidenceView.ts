import type { EvidenceManifest, ManifestExchange } from "../../api/evidenceTypes.ts";
import type { Evidence } from "../../api/types.ts";
import { count, plural } from "../../lib/format.ts";

// What the evidence page says and chooses, from the bundle's own list. Pure.

export const roleText: Record<string, string> = {
  failing: "failing", trigger: "failing, trigger", control: "good, control", setup: "setup, sent first", context: "context",
};

export const capText: Record<string, string> = {
  failing_max: "more failing exchanges than are kept", triggers_max: "more triggers than are kept", control_max: "more good exchanges than are kept",
  setup_max: "more setups than are kept", context_max: "more context than is kept", exchange_bytes_max: "one exchange was too large",
  exchanges_bytes_max: "the bundle was full", no_rrpair_form: "the spans say too little to be sent again",
};

export interface ListedExchange {
  index: number;
  exchange: ManifestExchange;
}

export function listed(manifest: EvidenceManifest, role: string): ListedExchange[] {
  return manifest.exchanges.map((exchange, index) => ({ index, exchange })).filter((each) => role === "" || each.exchange.role === role);
}

export function nameOf(exchange: ManifestExchange): string {
  return `${exchange.method} ${exchange.route}`.trim() || exchange.protocol || exchange.kind;
}

/** How it was answered, as short as a column: "500", "timeout"; empty when the list does not say. */
export function answerOf(exchange: ManifestExchange): string {
  if (exchange.status !== undefined && exchange.status > 0) return String(exchange.status);
  return (exchange.outcome ?? "").replace(/_/g, " ");
}

export function isBad(exchange: ManifestExchange): boolean {
  return exchange.role === "failing" || exchange.role === "trigger";
}

/** What an exchange is best compared with: a failing one with a good one of the same operation, any other with the first failing one. */
export function counterpartOf(manifest: EvidenceManifest, index: number): number | undefined {
  const own = manifest.exchanges[index];
  if (own === undefined) return undefined;
  const same = (each: ManifestExchange): boolean => each.method === own.method && each.route === own.route;
  const wanted = isBad(own) ? (each: ManifestExchange): boolean => each.role === "control" : isBad;
  const exact = manifest.exchanges.findIndex((each, at) => at !== index && wanted(each) && same(each));
  const any = exact >= 0 ? exact : manifest.exchanges.findIndex((each, at) => at !== index && wanted(each));
  if (any >= 0) return any;
  const other = manifest.exchanges.findIndex((each, at) => at !== index && same(each));
  return other >= 0 ? other : undefined;
}

export function evidenceSentence(evidence: Evidence, manifest: EvidenceManifest | undefined): string {
  const kept = `${plural(evidence.failing, "failing exchange")} and ${count(evidence.control)} good ${evidence.control === 1 ? "one" : "ones"} of ${evidence.service}`;
  if (evidence.expired_at !== undefined) return `${kept} were kept here; the bundle was deleted by age or for space.`;
  const others = manifest === undefined ? 0 : manifest.counts.exchanges - evidence.failing - evidence.control;
  const cut = evidence.cut === 0 ? "nothing was left out" : `${plural(evidence.cut, "exchange")} did not fit`;
  return `${kept}${others > 0 ? `, with ${count(others)} more of their traces` : ""}; ${cut}.`;
}

/** The exchange an address names, or the first. */
export function indexFrom(value: string | null, most: number): number {
  const index = Number(value ?? "1") - 1;
  return Number.isInteger(index) && index >= 0 && index < most ? index : 0;
}
