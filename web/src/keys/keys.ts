import { singleKeys } from "../lib/preferences.ts";

// Keyboard commands. A screen registers a table while it is shown; the last registered is asked first.
// Single keys never fire while something is typed, and can be turned off. Nothing executes on one key:
// a command moves, opens, or shows what would happen.

/** What a key is called here: "j", "?", "enter", "ctrl+k", "g a" for one after the other,
 *  "shift+n" for a letter that does something else with Shift. */
export type KeyTable = Record<string, () => void>;

const tables: KeyTable[] = [];
const chordLimitMs = 1500;
let chord = "";
let chordAt = 0;

export function registerKeys(table: KeyTable): () => void {
  tables.push(table);
  return () => {
    const at = tables.indexOf(table);
    if (at >= 0) tables.splice(at, 1);
  };
}

function find(name: string): (() => void) | undefined {
  for (let i = tables.length - 1; i >= 0; i--) {
    const found = tables[i]?.[name];
    if (found !== undefined) return found;
  }
  return undefined;
}

export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string {
  const key = event.key.toLowerCase();
  return event.ctrlKey || event.metaKey ? `ctrl+${key}` : event.altKey ? `alt+${key}` : key;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = keyName(event);
  const single = name.length === 1 || name === "enter";
  if (single && isTyping(event.target)) return;
  if (single && !singleKeys.value) return;
  // Enter on a link or button keeps its own meaning, and an open dialog takes the keys.
  if (name === "enter" && event.target instanceof Element && event.target.closest("a,button,summary")) return;
  // Escape is its own, too: handled here it would stay open.
  if ((single || name === "escape") && document.querySelector("dialog[open]") !== null) return;
  const first = event.timeStamp - chordAt < chordLimitMs ? chord : "";
  chord = "";
  const shifted = event.shiftKey && /^[a-z]$/.test(name) ? find(`shift+${name}`) : undefined;
  const command = (first !== "" ? find(`${first} ${name}`) : undefined) ?? shifted ?? find(name);
  if (command === undefined) {
    if (name === "g") {
      chord = name;
      chordAt = event.timeStamp;
    }
    return;
  }
  event.preventDefault();
  command();
}

export function wireKeys(): void {
  document.addEventListener("keydown", onKey);
}
