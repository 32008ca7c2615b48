// Fetches what comes in pages, each naming the next in its Link header. Pure but for what it is given.

export interface ExportPorts {
  get: (url: string) => Promise<{ ok: boolean; text: string; link: string; requestId: string }>;
  onPage: (rows: number) => void;
}

export type Exported = { kind: "whole"; text: string; rows: number } | { kind: "too_large"; rows: number } | { kind: "failed"; requestId: string };

/** A browser keeps the whole in memory; what is larger is the command line's. */
export const exportBytesMax = 64 * 1024 * 1024;

export function nextOf(link: string): string | undefined {
  return /<(\/api\/v1\/[^>]*)>;\s*rel="next"/.exec(link)?.[1];
}

export async function exportPages(first: string, ports: ExportPorts): Promise<Exported> {
  const texts: string[] = [];
  let rows = 0;
  let size = 0;
  for (let url: string | undefined = first; url !== undefined;) {
    const page = await ports.get(url);
    if (!page.ok) return { kind: "failed", requestId: page.requestId };
    texts.push(page.text);
    size += page.text.length;
    rows += page.text.split("\n").length - 1;
    ports.onPage(rows);
    if (size > exportBytesMax) return { kind: "too_large", rows };
    url = nextOf(page.link);
  }
  return { kind: "whole", text: texts.join(""), rows };
}
