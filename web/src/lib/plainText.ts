import { options } from "preact";
import { visible } from "./visible.ts";

/** From now on no text on screen hides or reorders what stands around it, whichever screen it is on and wherever it came
 *  from: it goes through visible(), which leaves alone what it has seen. Fields that people type into are not texts. */
export function wirePlainText(): void {
  const before = options.vnode;
  options.vnode = (vnode) => {
    // Preact calls a text a vnode without a type, its properties being the text.
    const text = vnode as unknown as { type: unknown; props: unknown };
    if (text.type === null && typeof text.props === "string") text.props = visible(text.props);
    before?.(vnode);
  };
}
