import type { Role } from "../../api/types.ts";

// The parts of the settings: what each is for and who may see it. Pure.

export interface Part {
  id: string;
  text: string;
  /** One line for the list of all parts. */
  about: string;
  /** Without one: everybody who is signed in. */
  role?: Role;
}

export interface PartGroup {
  title: string;
  parts: Part[];
}

export const partGroups: PartGroup[] = [
  { title: "You", parts: [
    { id: "account", text: "My account", about: "Password, where you are signed in, theme and keys." },
  ] },
  { title: "What is watched", parts: [
    { id: "services", text: "Services", about: "Where captured requests are replayed, who owns a service, where its tickets go." },
    { id: "detection", text: "Detection", about: "From where on something is a signal, tried over what is stored before it counts." },
    { id: "suppressions", text: "Suppressions", about: "Signals that are seen and open nothing, why and until when." },
    { id: "alarms", text: "Alarms", about: "What other systems, logs and programs said, and what became of it." },
    { id: "events", text: "Waiting events", about: "Alarms that wait for an operator before anything is opened, and what is dropped." },
    { id: "logs", text: "Log stores", about: "Logs that are asked for errors, and what of each service is wanted." },
  ] },
  { title: "Integrations", parts: [
    { id: "integrations", text: "All integrations", about: "Whether trackers, log stores and webhooks that are configured work, and why not." },
    { id: "trackers", text: "Trackers", about: "Where tickets and pull requests go, and what came of the latest." },
    { id: "webhooks", text: "Webhooks out", about: "Programs that are told what happens here.", role: "admin" },
    { id: "deliveries", text: "Sent notices", about: "Every notice on its way out, to webhooks and Slack, and how it ended.", role: "operator" },
    { id: "hooks", text: "Webhooks in", about: "What other systems report to this server, and the address to give them.", role: "operator" },
    { id: "slack", text: "Slack", about: "Who is who in Slack, so that buttons there know who pressed.", role: "admin" },
  ] },
  { title: "Access", parts: [
    { id: "people", text: "People", about: "Who may come in, and what each may do.", role: "admin" },
    { id: "tokens", text: "API tokens", about: "What programs sign in with. They can never decide." },
  ] },
];

const all = partGroups.flatMap((group) => group.parts);

export function findPart(id: string): Part | undefined {
  return all.find((part) => part.id === id);
}

/** Roles do not contain each other. */
export function maySee(part: Part, roles: readonly Role[]): boolean {
  return part.role === undefined || roles.includes(part.role);
}

export function visibleGroups(roles: readonly Role[]): PartGroup[] {
  return partGroups
    .map((group) => ({ ...group, parts: group.parts.filter((part) => maySee(part, roles)) }))
    .filter((group) => group.parts.length > 0);
}
