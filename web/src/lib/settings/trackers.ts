import type { Service } from "../../api/types.ts";

export interface Place {
  target: string;
  takes: string;
  services: string[];
}

/** Every place that a service sends something to, the most used first. Pure. */
export function placesOf(services: readonly Service[]): Place[] {
  const found = new Map<string, { tickets: boolean; changes: boolean; services: string[] }>();
  const add = (target: string, name: string, what: "tickets" | "changes"): void => {
    if (target === "") return;
    const place = found.get(target) ?? { tickets: false, changes: false, services: [] };
    place[what] = true;
    if (!place.services.includes(name)) place.services.push(name);
    found.set(target, place);
  };
  for (const service of services) {
    add(service.tracker, service.name, "tickets");
    add(service.repository, service.name, "changes");
  }
  return [...found].map(([target, { tickets, changes, services: names }]) => ({ target, takes: tickets && changes ? "both" : tickets ? "tickets" : "pull requests", services: names }))
    .sort((a, b) => b.services.length - a.services.length || a.target.localeCompare(b.target));
}
