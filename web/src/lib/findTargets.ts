/** A place the palette can go to. */
export interface Target {
  text: string;
  kind: string;
  url: string;
}

const shownMax = 12;

/** Every word typed must occur. What was loaded so far can be found; an id goes straight there. */
export function findTargets(all: Target[], typed: string): Target[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const seen = new Set<string>();
  const found: Target[] = [];
  for (const target of all) {
    const text = `${target.text} ${target.kind}`.toLowerCase();
    if (seen.has(target.url) || !words.every((word) => text.includes(word))) continue;
    seen.add(target.url);
    found.push(target);
    if (found.length >= shownMax) break;
  }
  return found;
}
