import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Overview } from "../api/types.ts";
import { count } from "../lib/format.ts";
import { collectorSnippet, reachable, sdkSnippet } from "../lib/snippets.ts";
import { urls } from "../router/route.ts";
import { dispatch } from "../state/store.ts";
import { Icon } from "./icons.tsx";
import { Card, CopyButton, Tabs, Time } from "./parts.tsx";

const lookEveryMs = 2000;

/** What was seen of the first records: they are here at once, their service when its window has closed. */
function FirstSteps(props: { overview: Overview }): JSX.Element {
  const { overview } = props;
  const came = overview.records_total > 0;
  return (
    <Card title="First steps" span="span-4">
      <ol class="rows">
        <li class="line"><span class="good"><Icon name="check" /></span><span>The server runs and you are signed in.</span></li>
        <li class="line">
          <span class={came ? "good" : "quiet"}><Icon name={came ? "check" : "clock"} /></span>
          <span role="status">{came ? <>The first records are here: {count(overview.records_total)}, the last <Time at={overview.last_record_at} relative />.</> : "Waiting for the first record. This line changes by itself."}</span>
        </li>
        <li class="line"><span class="quiet"><Icon name="clock" /></span><span>Records are compared in windows of {overview.window_s} s. When the first one has ended, a little later, the service appears here.</span></li>
        <li class="line"><span class="quiet"><Icon name="clock" /></span><span>What is normal is learned from then on. High shares of errors are reported at once, everything else when it is known.</span></li>
        <li class="line"><span class="quiet"><Icon name="clock" /></span><span>To have a problem proved, say where its requests may be sent again: <a class="link" href={urls.settings("services")}>Settings, Services</a>.</span></li>
      </ol>
    </Card>
  );
}

/** No service known yet: the exact text to paste, and a tick that comes when the first record does. */
export function FirstRecord(props: { overview: Overview }): JSX.Element {
  const [tab, setTab] = useState<"collector" | "sdk">("collector");
  const grpc = reachable(props.overview.otlp_grpc, location.hostname);
  const http = reachable(props.overview.otlp_http, location.hostname);
  const snippet = tab === "collector" ? collectorSnippet(grpc) : sdkSnippet(http);
  useEffect(() => {
    // Until a window closes no live event tells of records.
    const timer = setInterval(() => dispatch({ type: "marked_stale", prefix: "/overview" }), lookEveryMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="grid">
      <Card title="Send telemetry here" span="span-8" head={<CopyButton class="button button-small" text={snippet} what="Snippet">Copy</CopyButton>}>
        <Tabs label="How to send" active={tab} onPick={setTab} tabs={[{ id: "collector", text: "OpenTelemetry Collector" }, { id: "sdk", text: "OpenTelemetry SDK" }]} />
        <pre class="code" tabIndex={0} aria-label="Snippet">{snippet}</pre>
        <p class="card-body small quiet">{tab === "collector" ? "Add this to the configuration of a collector that has a receiver named otlp, then restart it." : "Set these where your service starts, with its own name, then restart it."} OTLP/gRPC listens on <code>{grpc}</code>, OTLP/HTTP on <code>{http}</code>.</p>
        <p class="card-body rule-top small quiet">Traces, logs and metrics show that something fails. To keep the failing requests themselves, so that they can be sent again as proof, send request/response pairs as log records, too.</p>
      </Card>
      <FirstSteps overview={props.overview} />
    </div>
  );
}
