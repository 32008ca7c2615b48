import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import type { Overview } from "../api/types.ts";
import { collectorSnippet, reachable, sdkSnippet } from "../lib/snippets.ts";
import { dispatch } from "../state/store.ts";
import { Icon } from "./icons.tsx";
import { Card, CopyButton, Tabs } from "./parts.tsx";

const lookEveryMs = 2000;

/** Nothing received yet: the exact text to paste, and a tick that comes when the first record does. */
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
        <p class="card-body small quiet">OTLP/gRPC listens on <code>{grpc}</code>, OTLP/HTTP on <code>{http}</code>. Traces, logs and metrics are read; request/response pairs may come as log records.</p>
      </Card>
      <Card title="First steps" span="span-4">
        <ol class="rows">
          <li class="line"><span class="good"><Icon name="check" /></span><span>The server runs and you are signed in.</span></li>
          <li class="line"><span class="quiet"><Icon name="clock" /></span><span role="status">Waiting for the first record. This line changes by itself.</span></li>
          <li class="line"><span class="quiet"><Icon name="clock" /></span><span>The first window closes {props.overview.window_s} s later; then baselines are learned.</span></li>
        </ol>
      </Card>
    </div>
  );
}
