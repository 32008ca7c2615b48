import type { JSX } from "preact";
import { urls } from "../../router/route.ts";

/** Single traces, or what they have in common. */
export function TraceViews(props: { active: "traces" | "patterns" }): JSX.Element {
  return (
    <nav class="views" aria-label="Traces">
      <a class="tab" href={urls.traces} aria-current={props.active === "traces" ? "page" : undefined}>Single traces</a>
      <a class="tab" href={urls.patterns} aria-current={props.active === "patterns" ? "page" : undefined}>Scenario reports</a>
    </nav>
  );
}
