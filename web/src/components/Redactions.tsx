import type { JSX } from "preact";
import { byTokens, tokenText } from "../lib/answers.ts";
import { visible } from "../lib/visible.ts";

/** Text in which what redaction put in place of a value stands out, and says what it was. */
export function Redactions(props: { text: string }): JSX.Element {
  const pieces = byTokens(props.text);
  return <>{pieces.map((piece, i) => (i % 2 === 1 ? <span class="redacted" title={tokenText(piece)}>{piece}</span> : visible(piece)))}</>;
}
