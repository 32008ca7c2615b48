import type { ComponentChildren, JSX } from "preact";
import type { SpanAttribute, SpanEvent, TraceSpan } from "../../api/traceTypes.ts";
import { Icon } from "../../components/icons.tsx";
import { Card, CopyButton } from "../../components/parts.tsx";
import { useKeys } from "../../keys/useKeys.ts";
import { bytes, plural } from "../../lib/format.ts";
import { classOf } from "../../lib/trace/view.ts";
import type { TraceView } from "../../lib/trace/view.ts";
import { classText, ns, placeText } from "../../lib/trace/words.ts";
import { visible } from "../../lib/visible.ts";
import { query, setQuery } from "../../router/router.ts";
import { urls } from "../../router/route.ts";
import { TimeSwatch } from "./TimeBar.tsx";
import { spanUrl } from "./traceQuery.ts";

/** `sha256` is there where more came than is kept. */
function Pairs(props: { of: readonly SpanAttribute[] }): JSX.Element {
  return <dl class="pairs attributes">{props.of.map(({ key, value, bytes: size, sha256 }) => <><dt><code>{visible(key)}</code></dt><dd><code>{visible(value)}</code>{sha256 === undefined ? null : <span class="tiny quiet"> {"\u2026"} {bytes(size)} in all, SHA-256 {sha256}</span>}</dd></>)}</dl>;
}

function Events(props: { events: SpanEvent[] }): JSX.Element {
  return (
    <ol class="stack-tight">
      {props.events.map((event) => (
        <li>
          <p class="line"><b class="cut">{visible(event.name)}</b><span class="tiny quiet nowrap">{placeText(event.at_ns)}</span></p>
          <Pairs of={event.attributes} />
        </li>
      ))}
    </ol>
  );
}

function LeftOut(props: { n: number | undefined; one: string }): JSX.Element | null {
  return props.n === undefined ? null : <p class="quiet">{plural(props.n, props.one)} {props.n === 1 ? "is" : "are"} not kept.</p>;
}

function Fact(props: { name: string; children: ComponentChildren }): JSX.Element {
  return <><dt>{props.name}</dt><dd>{props.children}</dd></>;
}

function Facts(props: { view: TraceView; at: number }): JSX.Element {
  const { view, at } = props;
  const span = view.spans[at]!;
  const up = view.tree.parent[at]!;
  const branch = view.branches.get(at);
  const onPath = (view.path.get(at) ?? []).reduce((sum, part) => sum + part.end_ns - part.start_ns, 0);
  const took = span.duration_ns;
  return (
    <dl class="pairs card-body small">
      <Fact name="Class"><span class="line"><TimeSwatch spent={classOf(span)} />{classText(classOf(span))}</span></Fact>
      <Fact name="Starts">{placeText(span.start_ns)}</Fact>
      <Fact name="Took">{ns(took)}{onPath === 0 ? ", not on the critical path" : onPath >= took ? ", all on the critical path" : `, ${ns(onPath)} of it on the critical path by itself`}</Fact>
      {branch === undefined ? null : <><Fact name="In a queue">{branch.queue_ns === 0 ? "no" : ns(branch.queue_ns)}</Fact><Fact name="Slack">{branch.slack_ns === 0 ? "none: the whole waits for it" : `${ns(branch.slack_ns)} longer would delay nothing`}</Fact></>}
      <Fact name="Service"><a class="link" href={urls.service(span.service)}>{visible(span.service)}</a></Fact>
      {span.agent ? <Fact name="Agent"><code>{visible(span.agent)}</code></Fact> : null}
      {span.tool ? <Fact name="Tool"><code>{visible(span.tool)}</code></Fact> : null}
      {span.role && span.role !== "plain" ? <Fact name="Role">{span.role}</Fact> : null}
      {span.attempt === undefined ? null : <Fact name="Attempt">no. {span.attempt + 1}</Fact>}
      {span.step === undefined ? null : <Fact name="Step">{span.step}</Fact>}
      {span.status ? <Fact name="Status">{span.status}</Fact> : null}
      <Fact name="Parent">{up < 0 ? "none: it is at the top" : <a class="link" href={spanUrl(view.spans[up]!.id, query.value)}>{visible(view.spans[up]!.name)}</a>}{view.tree.orphan[at] === 1 ? <span class="quiet"> (its own parent <code>{span.parent}</code> did not come)</span> : null}</Fact>
      {view.tree.children[at]!.length === 0 ? null : <Fact name="Below">{plural(view.tree.below[at]!, "span")}</Fact>}
      <Fact name="Span id"><span class="line"><code class="cut">{span.id}</code><CopyButton text={span.id} what="Span id" /></span></Fact>
    </dl>
  );
}

function errorText(span: TraceSpan): string {
  return [span.error_type, span.error_message].filter((each) => each !== undefined && each !== "").join(": ");
}

/** One span with everything that is kept of it. Esc closes. */
export function SpanDrawer(props: { view: TraceView; at: number }): JSX.Element {
  const { view, at } = props;
  const span = view.spans[at]!;
  const close = (): void => {
    setQuery("span", "", true);
    document.querySelector<HTMLElement>(".wf")?.focus();
  };
  useKeys({ escape: () => { if (document.querySelector("dialog[open]") === null) close(); } });
  const error = errorText(span);
  const attributes = span.attributes ?? [];
  const events = span.events ?? [];
  return (
    <Card title={<span class="cut">{visible(span.name)}</span>} head={(
      <>
        {span.failed ? <span class="mark mark-critical">{span.status && span.status > 0 ? span.status : "failed"}</span> : null}
        <button type="button" class="icon-button" aria-label="Close the span" onClick={close}><Icon name="cross" small /></button>
      </>
    )}>
      {error === "" ? null : <p class="card-body span-error">{visible(error)}</p>}
      <Facts view={view} at={at} />
      <details class="card-foot small" open={attributes.length > 0}>
        <summary class="link">{plural(attributes.length, "attribute")}</summary>
        {attributes.length > 0 ? <Pairs of={attributes} /> : <p class="quiet">{span.cut ? "They are not kept: the trace was too large." : "It has none."}</p>}
        <LeftOut n={span.attributes_left_out} one="more attribute" />
      </details>
      {events.length === 0 ? null : (
        <details class="card-foot small" open={error !== ""}>
          <summary class="link">{plural(events.length, "event")}</summary>
          <Events events={events} />
          <LeftOut n={span.events_left_out} one="more event" />
        </details>
      )}
    </Card>
  );
}
