// The public OpenTelemetry SDK as a client: n spans, n RRPair log records or n measurements in one export.

import { createRequire } from 'node:module';

const load = createRequire(new URL('../../../examples/package.json', import.meta.url));

const { SeverityNumber } = load('@opentelemetry/api-logs');
const { SpanKind } = load('@opentelemetry/api');
const { resourceFromAttributes } = load('@opentelemetry/resources');
const { BatchLogRecordProcessor, LoggerProvider } = load('@opentelemetry/sdk-logs');
const { AggregationTemporality, AggregationType, MeterProvider, PeriodicExportingMetricReader } =
  load('@opentelemetry/sdk-metrics');
const { BasicTracerProvider, BatchSpanProcessor } = load('@opentelemetry/sdk-trace-node');

const packages = { grpc: 'grpc', 'http/protobuf': 'proto', 'http/json': 'http' };
const signals = {
  traces: ['trace', 'OTLPTraceExporter'], logs: ['logs', 'OTLPLogExporter'], metrics: ['metrics', 'OTLPMetricExporter'],
};

export const protocols = Object.keys(packages);

/** Runs `work` with more environment variables: how an exporter is told of certificates, until it has sent. */
async function withEnvironment(more, work) {
  const before = { ...process.env };
  Object.assign(process.env, more);
  try {
    await work();
  } finally {
    for (const name of Object.keys(more)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

function makeExporter({ signal, protocol, compression, urls, temporality }) {
  const [name, type] = signals[signal];
  const url = protocol === 'grpc' ? urls.grpc : `${urls.http}/v1/${signal}`;
  const options = { url, compression, temporalityPreference: AggregationTemporality[temporality ?? 'CUMULATIVE'] };
  const Exporter = load(`@opentelemetry/exporter-${name}-otlp-${packages[protocol]}`)[type];
  return new Exporter(options);
}

const limits = { maxQueueSize: 4096, maxExportBatchSize: 512 };
const attributes = { 'http.request.method': 'GET', 'http.route': '/items/{id}', 'http.response.status_code': 200 };

async function sendSpans(exporter, service, count) {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter, limits)],
  });
  const tracer = provider.getTracer('e2e');
  for (let index = 0; index < count; index += 1) {
    tracer.startSpan('GET /items/{id}', { kind: SpanKind.SERVER, attributes }).end();
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

/** One histogram that feeds an operation and one counter that does not. */
async function sendMeasurements(exporter, service, count, exponential) {
  const aggregation = { type: AggregationType.EXPONENTIAL_HISTOGRAM };
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
    views: exponential ? [{ instrumentName: 'http.server.request.duration', aggregation }] : [],
  });
  const meter = provider.getMeter('e2e');
  const durations = meter.createHistogram('http.server.request.duration', {
    unit: 's', advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  const bytes = meter.createCounter('e2e.bytes', { unit: 'By' });
  for (let index = 0; index < count; index += 1) {
    durations.record(0.02 + (index % 10) / 1000, attributes);
    bytes.add(17);
  }
  await provider.forceFlush();
  await provider.shutdown();
}

/**
 * `signal` is traces, logs or metrics; resolves when the export was answered. `environment` holds what the SDK
 * reads there: certificates, headers. For metrics: `temporality` DELTA or CUMULATIVE, `exponential` or explicit
 * buckets.
 */
export async function send(what) {
  const { signal, service, count, exponential } = what;
  await withEnvironment(what.environment ?? {}, async () => {
    const exporter = makeExporter(what);
    if (signal === 'traces') await sendSpans(exporter, service, count);
    else if (signal === 'logs') await sendRecords(exporter, service, count);
    else await sendMeasurements(exporter, service, count, exponential);
  });
}
