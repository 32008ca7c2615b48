// The OpenTelemetry Collector as people run it: between senders and Reprise, or writing files.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { startProcess } from '../../examples/common/childProcess.mjs';
import { findFreePort } from '../e2e/support/serverProcess.mjs';
import { collectorBinary, workDir } from './participants.mjs';

export const signals = ['traces', 'logs', 'metrics'];

// Retries are short and for long enough, so that a test sees them and none gives up.
const delivery = (consumers) => ({
  retry_on_failure: { initial_interval: '200ms', max_interval: '1s', max_elapsed_time: '120s' },
  sending_queue: { num_consumers: consumers, queue_size: 1000 },
});

/** Sends on by `protocol` with gzip, `consumers` requests at once. */
export function sendingTo(urls, protocol, consumers = 8) {
  const compression = 'gzip';
  if (protocol === 'http') return { otlp_http: { endpoint: urls.http, compression, ...delivery(consumers) } };
  const endpoint = urls.grpc.replace('http://', '');
  return { otlp_grpc: { endpoint, compression, tls: { insecure: true }, ...delivery(consumers) } };
}

/** Everything through the batch processor, up to `records` in a request, to every one of `exporters`. */
export function batchedTo(exporters, records = 512) {
  const way = { receivers: ['otlp'], processors: ['batch'], exporters: Object.keys(exporters) };
  return {
    processors: { batch: { timeout: '100ms', send_batch_size: records, send_batch_max_size: records } },
    exporters,
    pipelines: Object.fromEntries(signals.map((signal) => [signal, way])),
  };
}

async function sumMetrics(port, name) {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!answer.ok) throw new Error(`the Collector's /metrics answered ${answer.status}`);
  let sum = 0;
  for (const line of (await answer.text()).split('\n')) {
    const match = /^([a-z_]+)(?:\{.*\})? (\S+)$/.exec(line);
    if (match && match[1].startsWith(name)) sum += Number(match[2]);
  }
  return sum;
}

/**
 * Starts one with `pipelines` over the receiver `otlp` and what they name. Answers {urls, pid, sum, stop}: `sum` adds
 * up what its own metrics of that name say.
 */
export async function startCollector(name, { pipelines, ...components }) {
  const ports = { grpc: await findFreePort(), http: await findFreePort(), metrics: await findFreePort() };
  const endpoint = (port) => ({ endpoint: `127.0.0.1:${port}` });
  const prometheus = { host: '127.0.0.1', port: ports.metrics };
  const config = {
    receivers: {
      otlp: { protocols: { grpc: { ...endpoint(ports.grpc), max_recv_msg_size_mib: 20 }, http: endpoint(ports.http) } },
    },
    ...components,
    service: { telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus } } }] } }, pipelines },
  };
  mkdirSync(workDir, { recursive: true });
  const file = path.join(workDir, `collector-${name}.yaml`);
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);  // JSON is YAML.
  const child = startProcess('collector', collectorBinary, ['--config', file]);
  await child.waitLine(/Everything is ready/);
  return {
    urls: { grpc: `http://127.0.0.1:${ports.grpc}`, http: `http://127.0.0.1:${ports.http}` },
    pid: child.pid,
    sum: (metric) => sumMetrics(ports.metrics, metric),
    stop: () => child.stop(),
  };
}
