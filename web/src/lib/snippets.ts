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
