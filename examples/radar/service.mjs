// The radar service: keeps a copy of mailboxes.
//
//   POST /sync {"mailbox":"inbox"}     copies it
//   GET  /healthz
//   POST /admin/deploy {"pool":10}     fetches with 10 workers from now on; 0 = everything at once
//   RADAR_PORT (default 0: any), RADAR_UPSTREAM (URL), RADAR_POOL (default 0)

import { startTelemetry } from '../common/telemetry.mjs';
import { RrpairForwarder } from '../common/rrpair.mjs';
import { onStop } from '../common/onStop.mjs';
import { HttpError, startServer } from '../common/server.mjs';
import { openConnections, UpstreamClient } from '../common/upstreamClient.mjs';
import { syncMailbox } from './sync.mjs';

const poolMax = 1000;
// As many as the largest burst needs, so that no handshake spreads it.
const connectionsWarm = 100;

function checkPool(value) {
  if (!Number.isInteger(value) || value < 0 || value > poolMax) {
    throw new HttpError(400, `pool must be a whole number from 0 (no limit) to ${poolMax}`);
  }
  return value;
}

if (!process.env.RADAR_UPSTREAM) {
  console.error('radar: RADAR_UPSTREAM is not set; give the URL of the upstream, http://127.0.0.1:4385');
  process.exit(64);
}
let pool = checkPool(Number(process.env.RADAR_POOL ?? 0));
// Before the telemetry starts: opening connections is no traffic of the service.
const connections = await openConnections(new URL('/', process.env.RADAR_UPSTREAM), connectionsWarm);
const telemetry = await startTelemetry('radar');
const forwarder = new RrpairForwarder('radar');
const client = new UpstreamClient(process.env.RADAR_UPSTREAM, connections, forwarder);

async function sync({ body, request }) {
  const mailbox = body?.mailbox;
  if (typeof mailbox !== 'string' || mailbox === '') {
    throw new HttpError(400, 'name the mailbox: {"mailbox":"inbox"}');
  }
  const replay = request.headers['x-replay'];
  return syncMailbox(client, mailbox, pool, replay === undefined ? {} : { 'x-replay': replay });
}

const server = await startServer({
  name: 'radar',
  port: Number(process.env.RADAR_PORT ?? 0),
  forwarder,
  routes: {
    'POST /sync': sync,
    'GET /healthz': () => ({ ok: true }),
    'POST /admin/deploy': ({ body }) => {
      pool = checkPool(body?.pool);
      return { pool };
    },
  },
});
onStop(async () => {
  await server.close();
  client.close();
  await telemetry.shutdown();
});
