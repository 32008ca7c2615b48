// Addresses of the screens: readable paths, view state in the query. Pure.

export type Route =
  | { screen: "overview" }
  | { screen: "signals" }
  | { screen: "signal"; id: string }
  | { screen: "incidents" }
  | { screen: "incident"; id: string }
  | { screen: "runs" }
  | { screen: "run"; id: string }
  | { screen: "approvals"; id: string | undefined }
  | { screen: "evidence"; id: string }
  | { screen: "services" }
  | { screen: "service"; name: string }
  | { screen: "traces" }
  | { screen: "patterns" }
  | { screen: "trace"; id: string }
  | { screen: "settings"; part: string; id: string | undefined }
  | { screen: "audit" }
  | { screen: "dead_letters" }
  | { screen: "unknown" };

function decoded(segment: string | undefined): string | undefined {
  if (segment === undefined || segment === "") return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

export function parseRoute(path: string): Route {
  const segments = path.split("/").filter((segment) => segment !== "");
  const [screen, rest] = segments;
  if (screen === "settings" && segments.length <= 3) {
    const id = decoded(segments[2]);
    return segments[2] !== undefined && id === undefined ? { screen: "unknown" } : { screen, part: rest ?? "", id };
  }
  if (segments.length > 2) return { screen: "unknown" };
  if (screen === undefined || screen === "index.html") return { screen: "overview" };
  if (rest === undefined) {
    switch (screen) {
      case "signals": return { screen };
      case "incidents": return { screen };
      case "runs": return { screen };
      case "services": return { screen };
      case "traces": return { screen };
      case "audit": return { screen };
      case "dead-letters": return { screen: "dead_letters" };
      case "approvals": return { screen, id: undefined };
      default: return { screen: "unknown" };
    }
  }
  const id = decoded(rest);
  if (id === undefined) return { screen: "unknown" };
  switch (screen) {
    case "signals": return { screen: "signal", id };
    case "incidents": return { screen: "incident", id };
    case "runs": return { screen: "run", id };
    case "approvals": return { screen: "approvals", id };
    case "evidence": return { screen: "evidence", id };
    case "services": return { screen: "service", name: id };
    case "traces": return id === "patterns" ? { screen: "patterns" } : { screen: "trace", id };
    default: return { screen: "unknown" };
  }
}

export const urls = {
  overview: "/",
  signals: "/signals",
  signal: (id: string) => `/signals/${encodeURIComponent(id)}`,
  incidents: "/incidents",
  incident: (id: string) => `/incidents/${encodeURIComponent(id)}`,
  runs: "/runs",
  run: (id: string) => `/runs/${encodeURIComponent(id)}`,
  approvals: "/approvals",
  approval: (id: string) => `/approvals/${encodeURIComponent(id)}`,
  evidence: (id: string) => `/evidence/${encodeURIComponent(id)}`,
  /** What a run was answered to an exchange (from 0), beside what was captured. */
  replayed: (evidence: string, run: string, exchange: number) => `/evidence/${encodeURIComponent(evidence)}?x=${exchange + 1}&tab=replayed&run=${encodeURIComponent(run)}`,
  services: "/services",
  service: (name: string) => `/services/${encodeURIComponent(name)}`,
  traces: "/traces",
  patterns: "/traces/patterns",
  trace: (id: string) => `/traces/${encodeURIComponent(id)}`,
  settings: (part = "", id?: string) => `/settings${part === "" ? "" : `/${part}`}${id === undefined ? "" : `/${encodeURIComponent(id)}`}`,
  audit: "/audit",
  deadLetters: "/dead-letters",
};

/** The token of a sign-in link, "/#/login?token=...", and why a provider of identities sent somebody back, "?refused=...";
 *  empty when the link has none. */
export function parseLoginHash(hash: string): { token: string; refused: string } | undefined {
  const match = /^#\/login(?:\?(.*))?$/.exec(hash);
  if (match === null) return undefined;
  const query = new URLSearchParams(match[1] ?? "");
  return { token: query.get("token") ?? "", refused: query.get("refused") ?? "" };
}
