// Captured text may hold characters that hide or reorder what stands around them. On screen they are
// named instead; copying and sending use the text as it came.

// Control characters but tab and line break, zero-width and direction marks, line separators, BOM.
const hiding = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Marks upon one letter beyond what any script needs: they would cover the lines above and below. */
const heaped = /(\p{M}{4})\p{M}+/gu;

export function visible(text: string): string {
  // Most text has none, and a line end of Windows is only a line end.
  return text.replace(/\r\n/g, "\n").replace(heaped, "$1\u2026").replace(hiding, (each) => `\u27e8U+${each.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`);
}

/** A name or title is read at a glance; a longer one is cut, the whole is where it is kept. */
const nameMax = 400;

/** As visible(), for what stands in lists and headings, whatever somebody named it. */
export function named(text: string): string {
  return visible(text.length <= nameMax ? text : `${text.slice(0, nameMax)}\u2026`);
}
