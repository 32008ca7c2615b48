// The synthetic agents of the scenarios: one tool service, and an agent process for each scenario, so that its traces
// can be told apart here by the agent's name. The analyses do not look at names.

import http from 'node:http';
import path from 'node:path';

import { hideEnvironment, startProcess } from '../common/childProcess.mjs';

const answerTimeoutMs = 60_000;

/** Starts `reprise-synth`; the process with its `url`. */
async function startSynthetic(binary, name, role, args, dir) {
  const started = startProcess(name, binary, [role, '--listen', '127.0.0.1:0', ...args], {
    // Spans leave within half a second instead of five.
    env: { ...hideEnvironment('OTEL_'), OTEL_BSP_SCHEDULE_DELAY: '500', OTEL_BSP_MAX_QUEUE_SIZE: '8192' },
    log: path.join(dir, `${name}.log`),
  });
  try {
    const [, url] = await started.waitLine(/(http:\/\/\S+:\d+)/);
    return { ...started, url };
  } catch (error) {
    await started.stop();
    throw error;
  }
}

export class Agents {
  #binary;
  #dir;
  #otlp;
  #tool;
  #started = [];

  constructor(binary, dir, otlp) {
    this.#binary = binary;
    this.#dir = dir;
    this.#otlp = otlp;
  }

  async startTool() {
    this.#tool = await startSynthetic(this.#binary, 'tool', 'tool', [], this.#dir);
    this.#started.push(this.#tool);
  }

  async start(name) {
    const args = [
      '--agent-name', name, '--service-name', 'synthetic-agent-app', '--tool-base', this.#tool.url,
      '--otlp-endpoint', this.#otlp,
    ];
    const agent = await startSynthetic(this.#binary, `agent-${name}`, 'agent', args, this.#dir);
    this.#started.push(agent);
    return agent;
  }

  async stop() {
    for (const started of this.#started.splice(0).reverse()) await started.stop();
  }
}

/** Sends one request to its end; throws when the answer is no success. */
export function call(base, { path: where, query }) {
  const url = new URL(where, base);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, timeout: answerTimeoutMs }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => { text += chunk; });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${url} answered ${response.statusCode}: ${text.slice(0, 200)}`));
      });
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error(`${url}: no answer within ${answerTimeoutMs / 1000} s`)));
    request.on('error', reject);
  });
}
