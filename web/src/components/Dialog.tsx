import { useLayoutEffect, useRef } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { useLabelId } from "./parts.tsx";

/** The browser's own modal dialog: it keeps the focus inside, Esc closes it, the focus returns. It has the focus before
 *  the next frame: what is typed right after the key that opens it is typed into it. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const id = useLabelId("dialog");
  useLayoutEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      if (dialog?.open) dialog.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={box} class={props.wide ? "dialog dialog-wide" : "dialog"} aria-labelledby={id} onClose={props.onClose}>
      <h2 id={id} class="dialog-title">{props.title}</h2>
      {props.children}
    </dialog>
  );
}
