import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import { Icon } from "../../components/icons.tsx";
import { Card, CopyButton } from "../../components/parts.tsx";
import { reachable, traceSnippet } from "../../lib/snippets.ts";
import { useResource } from "../../state/useResource.ts";

/** No trace yet: where to send spans, what they should say, and what then happens. */
export function FirstTrace(): JSX.Element {
  const overview = useResource("overview", paths.overview)?.data;
  const http = reachable(overview?.otlp_http ?? "127.0.0.1:4318", location.hostname);
  const snippet = traceSnippet(http);
  return (
    <div class="grid">
      <Card title="Send spans here" span="span-8" head={<CopyButton class="button button-small" text={snippet} what="Snippet">Copy</CopyButton>}>
        <pre class="code" tabIndex={0} aria-label="Snippet">{snippet}</pre>
        <p class="card-body small quiet">Any OpenTelemetry SDK does. Without these attributes a trace still has its critical path; with them waiting, retries, steps and fan-outs are told apart.</p>
      </Card>
      <Card title="What then happens" span="span-4">
        <ol class="rows">
          <li class="line"><span class="quiet"><Icon name="clock" /></span><span role="status">Waiting for the first trace. This page changes by itself.</span></li>
          <li class="line"><span class="quiet"><Icon name="clock" /></span><span>Some seconds after the root of a trace came it is analysed and stands here.</span></li>
          <li class="line"><span class="quiet"><Icon name="clock" /></span><span>What several traces show becomes a signal, and an incident that is replayed.</span></li>
        </ol>
      </Card>
    </div>
  );
}
