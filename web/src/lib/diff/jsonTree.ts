// JSON as a tree that keeps every number as it was written: 12345678901234567890 is not rounded. Pure.

export type JsonNode =
  | { kind: "scalar"; text: string }
  | { kind: "list"; items: JsonNode[] }
  | { kind: "object"; members: [name: string, value: JsonNode][] };

/** Deeper text is compared as lines. */
const depthMax = 200;

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  read(): JsonNode | undefined {
    const node = this.value(0);
    this.space();
    return node !== undefined && this.at === this.text.length ? node : undefined;
  }

  private space(): void {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  private eat(mark: string): boolean {
    this.space();
    if (this.text[this.at] !== mark) return false;
    this.at += 1;
    return true;
  }

  private value(depth: number): JsonNode | undefined {
    if (depth > depthMax) return undefined;
    if (this.eat("{")) return this.object(depth);
    if (this.eat("[")) return this.list(depth);
    const scalar = /(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/y;
    scalar.lastIndex = this.at;
    const found = scalar.exec(this.text);
    if (found === null) return undefined;
    this.at += found[0].length;
    return { kind: "scalar", text: found[0] };
  }

  private list(depth: number): JsonNode | undefined {
    const items: JsonNode[] = [];
    if (this.eat("]")) return { kind: "list", items };
    do {
      const item = this.value(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    } while (this.eat(","));
    return this.eat("]") ? { kind: "list", items } : undefined;
  }

  private object(depth: number): JsonNode | undefined {
    const members: [string, JsonNode][] = [];
    if (this.eat("}")) return { kind: "object", members };
    do {
      this.space();
      const name = this.value(depth + 1);
      if (name?.kind !== "scalar" || !name.text.startsWith("\"") || !this.eat(":")) return undefined;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      members.push([name.text, value]);
    } while (this.eat(","));
    return this.eat("}") ? { kind: "object", members } : undefined;
  }
}

/** Undefined for what is no JSON object or list. */
export function parseTree(text: string): JsonNode | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return new Reader(text).read();
}

/** One line that is the same for what means the same: members sorted by name. */
export function canonical(node: JsonNode): string {
  switch (node.kind) {
    case "scalar": return node.text;
    case "list": return `[${node.items.map(canonical).join(",")}]`;
    case "object": return `{${node.members.map(([name, value]) => `${name}:${canonical(value)}`).sort().join(",")}}`;
  }
}
