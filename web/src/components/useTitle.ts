import { useEffect } from "preact/hooks";
import { cutText } from "../lib/format.ts";
import { visible } from "../lib/visible.ts";

/** Sets the window's title from the heading of the screen. */
export function useTitle(text: string | undefined): void {
  useEffect(() => {
    document.title = text === undefined || text === "" ? "Reprise" : `${visible(cutText(text, 80))} \u00b7 Reprise`;
  }, [text]);
}
