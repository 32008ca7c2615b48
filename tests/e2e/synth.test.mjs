// The synthetic agents as users run them: both processes, and the scripts that drive and check them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { startSynth, synthBinary, synthSkipReason } from './support/synthProcess.mjs';

const scripts = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../scripts');
const nobody = 'http://127.0.0.1:9';

/** {code, out}: how it ended and all it wrote. */
function run(program, args, env = {}, input = '') {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, timeout: 120_000 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, out: stdout + stderr });
    });
    child.stdin.on('error', () => {});  // It may end before it reads.
    child.stdin.end(input);
  });
}

const sanityCheck = (agent, tool) => run(path.join(scripts, 'sanity_check.sh'), [], { AGENT_URL: agent, TOOL_URL: tool });

/** A server that answers with what `answer` gives for a URL: {status, body}. */
async function startFake(answer) {
  const requests = [];
  const server = http.createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    requests.push({ url: request.url, headers: request.headers, bytes: Buffer.concat(parts) });
    const { status = 200, body = '' } = answer(request.url);
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(body);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const stop = () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  return { url: `http://127.0.0.1:${server.address().port}`, requests, stop };
}

test('sanity_check.sh is green on the real services, and red with a line per fault without the tools', { skip: synthSkipReason }, async () => {
  const tool = await startSynth('tool');
  const agent = await startSynth('agent', ['--tool-base', tool.url, '--otlp-endpoint', nobody]);
  try {
    const green = await sanityCheck(agent.url, tool.url);
    assert.equal(green.code, 0, green.out);
    assert.match(green.out, /^9 of 9 checks passed$/m);
    for (const name of ['tool', 'fanout', 'chain', 'retry', 'stream', 'dag', 'react', 'human', 'rag']) {
      assert.match(green.out, new RegExp(`^ok +${name} `, 'm'));
    }

    await tool.stop();
    const red = await sanityCheck(agent.url, tool.url);

    assert.equal(red.code, 1, red.out);
    assert.match(red.out, /^FAIL +tool +no answer/m);
    assert.match(red.out, /^FAIL +chain +status 500: tool chain/m);
    assert.match(red.out, /^FAIL +stream +the answer broke off/m);
  } finally {
    await agent.stop();
    await tool.stop();
  }
});

test('sanity_check.sh does not believe answers that cannot be true', { skip: synthSkipReason }, async () => {
  const fake = await startFake((url) => {
    if (url === '/health') return { body: '{"ok":true}' };
    if (url.startsWith('/stream')) return { body: 'token 0\ntoken 1\n' };
    if (url.includes('chain')) return { body: '{"ok":true,"scenario":"chain","elapsed_s":0.001}' };
    if (url.includes('human')) return { body: '{"ok":false,"scenario":"human","elapsed_s":2.200}' };
    return { body: '{"ok":true,"scenario":"fanout","elapsed_s":0.300}' };
  });
  try {
    const { code, out } = await sanityCheck(fake.url, fake.url);

    assert.equal(code, 1, out);
    assert.match(out, /^ok +fanout/m);
    assert.match(out, /^FAIL +chain +took 1 ms/m);
    assert.match(out, /^FAIL +stream +2 lines where 80 to 100 are right/m);
    assert.match(out, /^FAIL +dag +not the answer of a dag/m);
    assert.match(out, /^FAIL +human +not the answer of a human/m);
    assert.match(out, /^2 of 9 checks passed$/m);
  } finally {
    await fake.stop();
  }
});

test('generate_scenarios.sh runs by menu and by arguments', { skip: synthSkipReason }, async () => {
  const script = path.join(scripts, 'generate_scenarios.sh');
  const tool = await startSynth('tool');
  const agent = await startSynth('agent', ['--tool-base', tool.url, '--otlp-endpoint', nobody]);
  const env = { AGENT_URL: agent.url, SECONDARY_URL: agent.url };
  try {
    const both = await run(script, ['3', 'dag', '2'], env);
    assert.equal(both.code, 0, both.out);
    assert.match(both.out, /^4 of 4 runs answered with 200$/m);

    const menu = await run(script, [], env, '7\n1\n5\n\nq\n');
    assert.equal(menu.code, 0, menu.out);
    assert.match(menu.out, /'7' is none of 1, 2, 3, q/);
    assert.match(menu.out, /^1 of 1 runs answered with 200$/m);

    assert.equal((await run(script, ['4', 'dag'], env)).code, 64);
    assert.equal((await run(script, ['1', 'dag', '0'], env)).code, 64);
    await tool.stop();
    assert.equal((await run(script, ['1', '1'], env)).code, 1);
  } finally {
    await agent.stop();
    await tool.stop();
  }
});

test('SIGTERM ends an agent with its last spans sent', { skip: synthSkipReason }, async () => {
  const receiver = await startFake(() => ({}));
  const tool = await startSynth('tool');
  const env = { TOOL_BASE: tool.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, SERVICE_NAME: 'from-the-environment' };
  const agent = await startSynth('agent', ['--export-delay-ms', '3600000'], env);
  try {
    const answer = await fetch(`${agent.url}/run?scenario=chain&depth=2&delay_ms=1`);
    assert.equal(answer.status, 200);
    assert.equal(receiver.requests.length, 0);

    const ended = await agent.stop();

    assert.equal(ended.code, 0);
    assert.equal(receiver.requests.length, 1);
    const [request] = receiver.requests;
    assert.equal(request.url, '/v1/traces');
    assert.equal(request.headers['content-type'], 'application/x-protobuf');
    assert.ok(request.bytes.includes('from-the-environment'));
    assert.equal(request.bytes.toString('latin1').split('ati.agent.id').length - 1, 7);
  } finally {
    await agent.stop();
    await tool.stop();
    await receiver.stop();
  }
});

test('what cannot be done is said in one line', { skip: synthSkipReason }, async () => {
  const wrong = await run(synthBinary, ['agent', '--otlp-endpoint', 'nowhere']);
  assert.equal(wrong.code, 64);
  assert.match(wrong.out, /^reprise-synth: --otlp-endpoint: 'nowhere' is not like http:\/\/localhost:4318 \(try --help\)\n$/);

  const tool = await startSynth('tool');
  try {
    const { code, out } = await run(synthBinary, ['tool', '--listen', new URL(tool.url).host]);
    assert.equal(code, 69);
    assert.match(out, /the address is in use/);
  } finally {
    await tool.stop();
  }
});
