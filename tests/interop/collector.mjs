// The OpenTelemetry Collector between a sender and Reprise, as most people run it.

import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { startProcess } from '../../examples/common/childProcess.mjs';
import { findFreePort } from '../e2e/support/serverProcess.mjs';
import { collectorBinary, workDir } from './participants.mjs';

// Retries are short, so that a test sees them.
const retry = `
    retry_on_failure: {initial_interval: 200ms, max_interval: 1s, max_elapsed_time: 60s}
    sending_queue: {num_consumers: 8, queue_size: 1000}`;

const configText = ({ ports, protocol, urls }) => `
receivers:
  otlp:
    protocols:
      grpc: {endpoint: "127.0.0.1:${ports.grpc}"}
      http: {endpoint: "127.0.0.1:${ports.http}"}
processors:
  batch: {timeout: 100ms, send_batch_size: 512}
exporters:
  otlp:
    endpoint: ${urls.grpc.replace('http://', '')}
    compression: gzip
    tls: {insecure: true}${retry}
  otlphttp:
    endpoint: ${urls.http}
    compression: gzip${retry}
service:
  telemetry:
    metrics: {level: none}
  pipelines:
${['traces', 'logs', 'metrics'].map((signal) => `    ${signal}:
      receivers: [otlp]
      processors: [batch]
      exporters: [${protocol === 'grpc' ? 'otlp' : 'otlphttp'}]`).join('\n')}
`;

/** Starts one that sends on by `protocol`; answers {urls, stop}. */
export async function startCollector({ protocol, urls }) {
  const ports = { grpc: await findFreePort(), http: await findFreePort() };
  const config = path.join(workDir, `collector-${protocol}.yaml`);
  writeFileSync(config, configText({ ports, protocol, urls }));
  const child = startProcess('collector', collectorBinary, ['--config', config]);
  await child.waitLine(/Everything is ready/);
  return {
    urls: { grpc: `http://127.0.0.1:${ports.grpc}`, http: `http://127.0.0.1:${ports.http}` },
    stop: () => child.stop(),
  };
}
