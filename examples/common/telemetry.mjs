// The OpenTelemetry SDK as a service would set it up: spans and log records over OTLP, configured by
// the standard environment variables. Import this module before the service opens a socket, because
// the HTTP instrumentation patches node:http.
//
//   OTEL_EXPORTER_OTLP_ENDPOINT   where to send; without it nothing is exported
//   OTEL_EXPORTER_OTLP_PROTOCOL   grpc (default) or http/protobuf
//   OTEL_EXPORTER_OTLP_COMPRESSION  gzip or none
//   OTEL_BSP_SCHEDULE_DELAY       export interval in ms, for both

import { createRequire } from 'node:module';

import { logs } from '@opentelemetry/api-logs';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

// One sync of a large mailbox makes 200 spans at once; the SDK's default of 2,048 would drop some
// when several follow each other.
const queueRecordsMax = 16384;
// Small batches: serialising one must not stop the event loop long enough to spread out a burst.
const batchRecordsMax = 256;
const exportIntervalMs = 1000;

const replayHeader = 'x-replay';

/** The span of an inbound request, for whoever captures the request itself. */
const spanOfRequest = new WeakMap();

export function findRequestSpan(request) {
  return spanOfRequest.get(request);
}

async function loadExporters(protocol) {
  if (protocol === 'grpc') {
    const traces = await import('@opentelemetry/exporter-trace-otlp-grpc');
    const records = await import('@opentelemetry/exporter-logs-otlp-grpc');
    return { traces: new traces.OTLPTraceExporter(), records: new records.OTLPLogExporter() };
  }
  if (protocol === 'http/protobuf') {
    const traces = await import('@opentelemetry/exporter-trace-otlp-proto');
    const records = await import('@opentelemetry/exporter-logs-otlp-proto');
    return { traces: new traces.OTLPTraceExporter(), records: new records.OTLPLogExporter() };
  }
  throw new Error(`OTEL_EXPORTER_OTLP_PROTOCOL is "${protocol}"; use grpc or http/protobuf`);
}

function instrumentHttp(tracerProvider) {
  const instrumentation = new HttpInstrumentation({
    ignoreIncomingRequestHook: (request) => request.url.startsWith('/admin/'),
    requestHook: (span, request) => spanOfRequest.set(request, span),
    disableOutgoingRequestInstrumentation: true,
    headersToSpanAttributes: {
      server: { requestHeaders: [replayHeader] },
    },
  });
  instrumentation.setTracerProvider(tracerProvider);
  instrumentation.enable();
  // ES modules do not pass the patch hook; one require() patches the object that they all share.
  createRequire(import.meta.url)('http');
}

/**
 * Starts the SDK. `exporters` ({traces, records}) replaces those that the environment names.
 * The answer's `shutdown()` sends what is queued and waits for it.
 */
export async function startTelemetry(service, exporters) {
  const resource = resourceFromAttributes({ 'service.name': service, 'service.version': '1' });
  const wanted = exporters
    ?? (process.env.OTEL_EXPORTER_OTLP_ENDPOINT
      ? await loadExporters(process.env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'grpc')
      : undefined);
  const limits = {
    maxQueueSize: queueRecordsMax,
    maxExportBatchSize: batchRecordsMax,
    scheduledDelayMillis: Number(process.env.OTEL_BSP_SCHEDULE_DELAY ?? exportIntervalMs),
  };
  const tracerProvider = new NodeTracerProvider({
    resource,
    spanProcessors: wanted ? [new BatchSpanProcessor(wanted.traces, limits)] : [],
  });
  const loggerProvider = new LoggerProvider({
    resource,
    processors: wanted ? [new BatchLogRecordProcessor({ exporter: wanted.records, ...limits })] : [],
  });
  tracerProvider.register();
  logs.setGlobalLoggerProvider(loggerProvider);
  instrumentHttp(tracerProvider);

  return {
    async flush() {
      await Promise.all([tracerProvider.forceFlush(), loggerProvider.forceFlush()]);
    },
    async shutdown() {
      await Promise.all([tracerProvider.shutdown(), loggerProvider.shutdown()]);
    },
  };
}
