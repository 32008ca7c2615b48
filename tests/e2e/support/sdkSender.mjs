// The public OpenTelemetry SDK as a client: n spans or n RRPair log records in one export.

import { createRequire } from 'node:module';

const load = createRequire(new URL('../../../examples/package.json', import.meta.url));

const { SeverityNumber } = load('@opentelemetry/api-logs');
const { SpanKind } = load('@opentelemetry/api');
const { resourceFromAttributes } = load('@opentelemetry/resources');
const { BatchLogRecordProcessor, LoggerProvider } = load('@opentelemetry/sdk-logs');
const { BasicTracerProvider, BatchSpanProcessor } = load('@opentelemetry/sdk-trace-node');

const packages = { grpc: 'grpc', 'http/protobuf': 'proto' };

function makeExporter(signal, protocol, compression, urls) {
  const suffix = packages[protocol];
  const url = protocol === 'grpc' ? urls.grpc : `${urls.http}/v1/${signal}`;
  const options = { url, compression };
  if (signal === 'traces') {
    return new (load(`@opentelemetry/exporter-trace-otlp-${suffix}`).OTLPTraceExporter)(options);
  }
  return new (load(`@opentelemetry/exporter-logs-otlp-${suffix}`).OTLPLogExporter)(options);
}

const limits = { maxQueueSize: 4096, maxExportBatchSize: 512 };

async function sendSpans(exporter, service, count) {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter, limits)],
  });
  const tracer = provider.getTracer('e2e');
  for (let index = 0; index < count; index += 1) {
    tracer.startSpan('GET /items/{id}', {
      kind: SpanKind.SERVER,
      attributes: { 'http.request.method': 'GET', 'http.route': '/items/{id}', 'http.response.status_code': 200 },
    }).end();
  }
  await provider.forceFlush();
  await provider.shutdown();
}

async function sendRecords(exporter, service, count) {
  const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter, ...limits })] });
  const logger = provider.getLogger('e2e');
  for (let index = 0; index < count; index += 1) {
    logger.emit({
      severityNumber: SeverityNumber.INFO,
      attributes: { service, namespace: 'e2e' },
      body: {
        msgType: 'rrpair', ts: new Date().toISOString(), l7protocol: 'http', duration: 3.5, direction: 'IN',
        command: 'GET', location: `/items/${index}`, status: 'OK', service,
        http: {
          request: { method: 'GET', url: `/items/${index}`, headers: {} },
          response: { statusCode: 200, headers: {} },
        },
      },
    });
  }
  await provider.forceFlush();
  await provider.shutdown();
}

/** `signal` traces or logs; resolves when the export was answered. */
export async function send({ signal, protocol, compression, urls, service, count }) {
  const exporter = makeExporter(signal, protocol, compression, urls);
  if (signal === 'traces') await sendSpans(exporter, service, count);
  else await sendRecords(exporter, service, count);
}
