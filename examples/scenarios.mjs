// Runs the eight scenarios of the synthetic agents against a live server and checks what it says about each.
//
//   node scenarios.mjs --binary PATH --synth PATH [--runs N] [--keep] [--stay] [--port-base N]
//
// Each scenario runs N times (20), all eight beside each other; then one fan-out with a straggler. Exits 0 only if
// every run is labelled with its pattern, nothing else is flagged, and each report reveals what it must. --stay leaves
// everything running for a look at the dashboard until Ctrl-C; --keep leaves the data directory.

import { parseArgs } from 'node:util';

import { Session } from './demo/api.mjs';
import { MissingArrow, Report } from './demo/report.mjs';
import { prepareDataDir, World } from './demo/world.mjs';
import { Agents, call } from './scenarios/agents.mjs';
import { cases, straggling } from './scenarios/cases.mjs';

const arriveLimitS = 30;
const stragglingRuns = 5;

function readOptions() {
  const { values } = parseArgs({
    options: {
      binary: { type: 'string' },
      synth: { type: 'string' },
      runs: { type: 'string', default: '20' },
      keep: { type: 'boolean', default: false },
      stay: { type: 'boolean', default: false },
      'port-base': { type: 'string', default: '4380' },
    },
  });
  const wrong = (text) => {
    console.error(`scenarios: ${text}`);
    process.exit(64);
  };
  if (!values.binary || !values.synth) wrong('--binary PATH and --synth PATH name the server and reprise-synth');
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 3 || runs > 500) wrong(`--runs must be a number from 3 to 500, not "${values.runs}"`);
  const portBase = Number(values['port-base']);
  if (!Number.isInteger(portBase) || portBase < 1024 || portBase > 65527) {
    wrong(`--port-base must be a number from 1024 to 65527, not "${values['port-base']}"`);
  }
  return { ...values, runs, portBase };
}

const options = readOptions();
const report = new Report();

const agentOf = (trace) => (trace.agent ?? '').split(':')[0];

/** The rows of one agent's traces, once as many are there as were made. */
function awaitTraces(admin, name, count) {
  return report.until(name, arriveLimitS, async (state) => {
    const all = await admin.list('/traces?service=synthetic-agent-app&limit=200');
    const mine = all.filter((trace) => agentOf(trace) === name);
    state.note = `${mine.length} of ${count} traces are there`;
    return mine.length >= count ? mine : undefined;
  });
}

async function runCase(admin, agents, one) {
  const agent = await agents.start(one.name);
  for (let i = 0; i < options.runs; ++i) await call(agent.url, one.request(i));
  const traces = await awaitTraces(admin, one.name, options.runs);
  const wrong = traces.filter((trace) => trace.pattern !== one.name);
  if (wrong.length > 0) {
    throw new MissingArrow(one.name, `${wrong.length} of ${traces.length} runs are labelled ${wrong[0].pattern} (${wrong[0].trace_id})`);
  }
  const flagged = traces.flatMap((trace) => trace.findings.filter((kind) => kind !== one.finds).map((kind) => [kind, trace.trace_id]));
  if (flagged.length > 0) throw new MissingArrow(one.name, `flagged as ${flagged[0][0]} without reason (${flagged[0][1]})`);
  const partial = traces.filter((trace) => !trace.is_complete);
  if (partial.length > 0) throw new MissingArrow(one.name, `${partial.length} traces are incomplete (${partial[0].trace_id})`);
  const opened = traces.find((trace) => trace.has_spans);
  if (!opened) throw new MissingArrow(one.name, 'the spans of no trace are kept');
  const { report: details } = await admin.item(`/traces/${opened.trace_id}`);
  const groups = (await admin.get('/traces/patterns?service=synthetic-agent-app')).items;
  const group = groups.find((entry) => agentOf(entry) === one.name && entry.pattern === one.name);
  if (!group) throw new MissingArrow(one.name, 'there is no report over its traces');
  const sentence = one.reveal({ report: details, pattern: group.report, typical: group.report.typical });
  report.say(one.name, `${traces.length} of ${traces.length} runs labelled ${one.name}: ${sentence}`);
}

/** One worker takes ten times as long: it must be named, with its tool, in a signal. */
async function runStraggler(admin, agents) {
  const { name, index, request } = straggling;
  const agent = await agents.start(name);
  for (let i = 0; i < stragglingRuns; ++i) await call(agent.url, request);
  await awaitTraces(admin, name, stragglingRuns);
  const signal = await report.until(name, arriveLimitS, async (state) => {
    const found = (await admin.list('/signals')).find((seen) => seen.kind === 'fanout_straggler');
    state.note = 'no fanout_straggler signal';
    return found;
  });
  const named = `worker:${index}`;
  if (!signal.explanation.includes(named) || !signal.explanation.includes(`t${index % 5}`)) {
    throw new MissingArrow(name, `${named} and its tool t${index % 5} are not named: ${signal.explanation}`);
  }
  report.say(name, signal.explanation);
}

let interrupted = false;
const dir = prepareDataDir(true);
const world = new World(options.binary, dir, options.portBase);
const agents = new Agents(options.synth, dir, `http://127.0.0.1:${world.ports.otlpHttp}`);

async function stopAll() {
  await agents.stop();
  return world.stop();
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (interrupted) process.exit(130);
    interrupted = true;
    stopAll().then(() => process.exit(options.stay ? 0 : 130));
  });
}

let failed = false;
try {
  const { dashboard, signIn } = await world.startServer();
  report.say('server', `${dashboard}, data in ${dir}`);
  const admin = new Session(dashboard);
  await admin.signIn(signIn);
  await agents.startTool();
  report.say('agents', `eight scenarios, ${options.runs} runs of each, beside each other; the stream takes 5 s a run`);
  await Promise.all(cases.map((one) => runCase(admin, agents, one)));
  await runStraggler(admin, agents);
  if (options.stay) {
    const { link } = await admin.post('/users', { name: 'you', roles: ['viewer', 'operator', 'approver', 'admin'] });
    console.log(`\n  Dashboard   ${dashboard}/traces\n  Sign in     ${link}\n\n  The link works once. Ctrl-C ends everything.`);
    const ended = await world.server.exited;
    throw new Error(`the server ended (${ended.error ?? ended.signal ?? `exit ${ended.code}`})`);
  }
} catch (error) {
  failed = !interrupted;
  if (failed) {
    console.error(error instanceof MissingArrow ? `\nNot revealed: ${error.message}` : `\nThe scenarios failed: ${error.stack}`);
    if (world.server) console.error(`The server said last:\n  ${world.server.lines.slice(-8).join('\n  ')}`);
  }
}
const ended = await stopAll();
if (!failed && !interrupted && ended?.code !== 0) {
  failed = true;
  console.error(`\nThe server ended with ${ended?.signal ?? `exit ${ended?.code}`} at SIGTERM`);
}
if (!options.keep && !failed) world.removeData();
else console.log(`Data, configuration and logs stay in ${dir}`);
if (!failed && !interrupted) console.log('\nEvery scenario shows what it is.');
if (!interrupted) process.exit(failed ? 1 : 0);
