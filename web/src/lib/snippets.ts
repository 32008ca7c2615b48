// What to paste to send telemetry here. Pure.

/** An address for another program: a listener on all interfaces is reached by the name in the browser. */
export function reachable(address: string, browserHost: string): string {
  const match = /^(?:\w+:\/\/)?(.*):(\d+)\/?$/.exec(address);
  if (match === null) return address;
  const [, host, port] = match;
  const anyHost = host === "0.0.0.0" || host === "[::]" || host === "*" || host === "";
  return `${anyHost ? browserHost : host}:${port}`;
}

export function collectorSnippet(grpc: string): string {
  return [
    "exporters:",
    "  otlp/reprise:",
    `    endpoint: ${grpc}`,
    "    tls:",
    "      insecure: true",
    "",
    "service:",
    "  pipelines:",
    "    traces:",
    "      receivers: [otlp]",
    "      exporters: [otlp/reprise]",
    "    logs:",
    "      receivers: [otlp]",
    "      exporters: [otlp/reprise]",
  ].join("\n");
}

export function sdkSnippet(http: string): string {
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=http://${http}`,
    "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    "export OTEL_SERVICE_NAME=my-service",
  ].join("\n");
}

/** Where to send spans, and what those of agents should say. */
export function traceSnippet(http: string): string {
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=http://${http}`,
    "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    "",
    "# attributes of spans; each is read where it is set",
    "gen_ai.operation.name = invoke_agent | execute_tool | chat",
    "gen_ai.agent.name, gen_ai.tool.name, gen_ai.usage.output_tokens",
    "ati.span.kind = workflow | planner | worker | internal | tool_call | generation | retrieval | checkpoint | interactive | token_stream",
    "ati.wait.kind = human | queue | backoff | tool",
    "ati.fanout, ati.concurrency      # of what starts workers: how many, how many at once",
    "ati.retry.attempt, ati.retry.max, ati.retry.backoff_ms",
    "ati.step, ati.tool.name          # of an agent's steps",
    "ati.stream.ttft_ms, ati.stream.tokens",
  ].join("\n");
}
