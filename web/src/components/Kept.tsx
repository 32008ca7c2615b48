import { Component } from "preact";
import type { ComponentChild } from "preact";

interface KeptProps {
  /** Drawn again only when one of these is another than before. */
  by: readonly unknown[];
  children: () => ComponentChild;
}

/** Keeps a long table as drawn while only what stands around it changes. */
export class Kept extends Component<KeptProps> {
  override shouldComponentUpdate(next: KeptProps): boolean {
    return next.by.length !== this.props.by.length || next.by.some((each, i) => each !== this.props.by[i]);
  }

  override render(): ComponentChild {
    return this.props.children();
  }
}
