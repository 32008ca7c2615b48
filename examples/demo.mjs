// Runs the whole loop on real processes: server, example services, traffic, people.
//
//   node demo.mjs --binary PATH [--once] [--prove] [--keep] [--port-base N]
//
// Without --once or --prove it stays up, prints sign-in links and goes on sending faulty traffic until
// Ctrl-C. With one of them nobody is needed: --once walks the whole loop, --prove goes on from each
// incident to a reproducer that runs by itself; it exits 0 only if every arrow happened. --keep leaves
// the data directory where it is. Uses the ports N to N+8 of loopback, 4380 unless told.

import { parseArgs } from 'node:util';

import { Session } from './demo/api.mjs';
import {
  awaitIncidents, awaitSignals, awaitTickets, awaitVerdicts, checkEvidence, checkGate, sayTotals,
} from './demo/arrows.mjs';
import { checkBurst, measurePool } from './demo/crossCheck.mjs';
import { proveFourEyes, proveRefusals, release } from './demo/gate.mjs';
import { proveReproducers } from './demo/prove.mjs';
import { MissingArrow, Report } from './demo/report.mjs';
import { prepareDataDir, windowS, World } from './demo/world.mjs';

const baselineS = 45;
const faultS = 20;
const servicesLimitS = 30;

const { values: options } = parseArgs({
  options: {
    binary: { type: 'string' },
    once: { type: 'boolean', default: false },
    prove: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    'port-base': { type: 'string', default: '4380' },
  },
});
const portBase = Number(options['port-base']);
if (!Number.isInteger(portBase) || portBase < 1024 || portBase > 65527) {
  console.error(`demo: --port-base must be a number from 1024 to 65527, not "${options['port-base']}"`);
  process.exit(64);
}
if (!options.binary) {
  console.error('demo: --binary PATH names the server; scripts/demo builds and passes it');
  process.exit(64);
}

const unattended = options.once || options.prove;
const report = new Report();

async function addPerson(admin, dashboard, name, roles) {
  const { link } = await admin.post('/users', { name, roles });
  const session = new Session(dashboard);
  await session.signIn(link);
  return session;
}

/** Tells the server where each service may be replayed, as soon as it has seen it. */
async function setTargets(admin, world) {
  for (const [name, target] of [['shop', world.shop.url], ['radar', world.radar.url]]) {
    const service = await report.until('intake', servicesLimitS, async (state) => {
      const services = await admin.list('/services');
      state.note = `services seen: ${services.map((seen) => seen.name).join(', ') || 'none'}`;
      return services.find((seen) => seen.name === name);
    });
    await admin.put(`/services/${name}`, {
      replay_target: target, replay_unsafe_methods: true, owner: 'demo',
    }, service.version);
    report.say('intake', `${name} reports; replay goes to ${target}`);
  }
}

/** The waiting runs' releases: one the long way round by four eyes, the others straight. */
async function decide(admin, approvers, approvals, runs) {
  await proveRefusals(approvers[0], report, approvals[0]);
  const detour = approvals.find((approval) => approval.risk === 'high' && approvals.length > 1);
  for (const approval of approvals) {
    if (approval !== detour) await release(approvers, report, approval);
  }
  if (!detour) return runs;
  const publishing = await proveFourEyes(admin, approvers, report, detour);
  return runs.map((run) => (run.id === detour.run_id ? publishing : run));
}

/** Waits until each defect is an incident with a verdict; the runs. */
async function detect(world, admin) {
  await setTargets(admin, world);
  await report.until('traffic', baselineS + servicesLimitS, (state) => {
    state.note = `${baselineS} s of quiet traffic in windows of ${windowS} s, so that "normal" is known`;
    return world.traffic.lines.find((line) => line.includes('"phase":"fault"'));
  });
  report.say('traffic', 'the defects are deployed, the large mailbox is synced');
  const found = await awaitSignals(admin, report);
  const incidents = await awaitIncidents(admin, report, found);
  await checkEvidence(admin, report, incidents);
  return awaitVerdicts(admin, report, incidents);
}

async function closeTheLoop(world, admin, dashboard, runs) {
  const approvers = [
    await addPerson(admin, dashboard, 'second approver', ['viewer', 'approver']),
    await addPerson(admin, dashboard, 'third approver', ['viewer', 'approver']),
  ];
  const approvals = await checkGate(admin, report, runs);
  const publishing = await decide(admin, approvers, approvals, runs);
  await awaitTickets(admin, report, publishing, world.dataDir);
  const burst = runs.find((run) => run.result.confirm_with === 'burst');
  if (!burst) throw new MissingArrow('cross-check', 'no run confirmed a burst');
  await checkBurst(report, burst, world.upstream.url);
  await measurePool(report, world.radar.url, world.upstream.url, 10);
}

async function runUnattended(world, admin, dashboard) {
  const runs = await detect(world, admin);
  if (options.once) await closeTheLoop(world, admin, dashboard, runs);
  if (options.prove) {
    await report.until('traffic', faultS + servicesLimitS, (state) => {
      state.note = 'the traffic with the defects ends, so that it disturbs no measurement';
      return world.traffic.lines.find((line) => line.includes('"phase":"done"'));
    });
    await proveReproducers(world, admin, report);
  }
  await sayTotals(admin, report, world.serverMemory());
}

async function showLive(world, admin, dashboard) {
  const link = async (name) => (await admin.post('/users', {
    name, roles: ['viewer', 'operator', 'approver', 'admin'],
  })).link;
  console.log(`
  Dashboard   ${dashboard}
  Sign in     ${await link('you')}
  A second person, for what needs four eyes (use another browser):
              ${await link('colleague')}

  For ${baselineS} s the traffic is healthy while the server learns what is normal. Then version 2 of the shop
  is deployed and somebody syncs a large mailbox. Look at Signals, Incidents, the reproduce run of each
  incident and what waits in Approvals. Each link works once. Ctrl-C ends everything.

  Fix the radar:  curl -X POST ${world.radar.url}/admin/deploy -d '{"pool":10}'
  Fix the shop:   curl -X POST ${world.shop.url}/admin/deploy -d '{"version":1}'
`);
  await setTargets(admin, world);
  const ended = await world.server.exited;
  throw new Error(`the server ended (${ended.error ?? ended.signal ?? `exit ${ended.code}`})`);
}

let interrupted = false;
const dir = prepareDataDir(unattended);
const world = new World(options.binary, dir, portBase);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (interrupted) process.exit(130);
    interrupted = true;
    world.stop().then(() => process.exit(unattended ? 130 : 0));
  });
}

let failed = false;
try {
  const { dashboard, signIn } = await world.startServer();
  report.say('server', `${dashboard}, data in ${dir}`);
  await world.startExamples();
  const admin = new Session(dashboard);
  await admin.signIn(signIn);
  world.startTraffic(baselineS, unattended ? faultS : 0);
  await (unattended ? runUnattended : showLive)(world, admin, dashboard);
} catch (error) {
  failed = !interrupted;
  if (failed) {
    console.error(error instanceof MissingArrow
      ? `\nMissing arrow: ${error.message}` : `\nThe demo failed: ${error.stack}`);
    if (world.server) console.error(`The server said last:\n  ${world.server.lines.slice(-8).join('\n  ')}`);
  }
}
const ended = await world.stop();
if (!failed && !interrupted && ended?.code !== 0) {
  failed = true;
  console.error(`\nMissing arrow: stop: the server ended with ${ended?.signal ?? `exit ${ended?.code}`} at SIGTERM`);
}
if (unattended && !options.keep && !failed) world.removeData();
else console.log(`Data, configuration and logs stay in ${dir}`);
if (unattended && !failed) console.log('\nEvery arrow of the loop happened.');
if (!interrupted) process.exit(failed ? 1 : 0);
