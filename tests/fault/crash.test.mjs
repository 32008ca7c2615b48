// kill -9 under full load, again and again: what was acknowledged is stored, and stored once.
// REPRISE_CRASHES says how often; scripts/test --crash takes 50.

import assert from 'node:assert/strict';
import test from 'node:test';

import { Report } from '../../examples/demo/report.mjs';
import { findFreePort, readMetrics, Reprise, skipReason } from '../e2e/support/serverProcess.mjs';
import { LedgerSender } from './ledger.mjs';

const crashes = Number(process.env.REPRISE_CRASHES ?? 3);
const senders = 12;
const spansPerBatch = 100;
const limitS = 120;

const batchesMin = 50;
const batchesMax = 800;  // Between two crashes; the place of the crash is chosen at random.

/** Counts what all senders were told; tells when it is `count` more than now. */
class Acknowledgements {
  #total = 0;
  #due = Infinity;
  #reached;

  note() {
    this.#total += 1;
    if (this.#total >= this.#due) this.#reached();
  }

  more(count) {
    this.#due = this.#total + count;
    return new Promise((resolve) => { this.#reached = resolve; });
  }
}

let reprise;
test.after(async () => {
  await reprise?.stop();
  reprise?.removeData();
});

test(`${crashes} times kill -9 under load lose nothing and count nothing twice`, { skip: skipReason }, async () => {
  const ports = { dashboard: 0, otlpGrpc: 0, otlpHttp: await findFreePort() };
  // A window is closed by the records after it; the clock closes the last one only when the load has ended.
  reprise = new Reprise({ ports, windows: { length: '1s', lateness: '2s', idle_close: '20s' } });
  let session = await reprise.start();
  const taken = new Acknowledgements();
  const ledger = Array.from({ length: senders }, (_, index) => (
    new LedgerSender(reprise.otlpHttp, `ledger-${index}`, spansPerBatch, () => taken.note())));
  for (const sender of ledger) sender.start();

  for (let round = 0; round < crashes; round += 1) {
    await taken.more(batchesMin + Math.floor(Math.random() * (batchesMax - batchesMin)));
    await reprise.crash();
    session = await reprise.start();
  }
  await taken.more(batchesMin);
  await Promise.all(ledger.map((sender) => sender.stop()));
  const values = await new Report().until('windows', limitS, async (state) => {
    const now = await readMetrics(reprise.dashboard);
    state.note = `${now.get('reprise_journal_segments')} segments wait for their windows`;
    return now.get('reprise_journal_segments') === 0 ? now : undefined;
  });

  const services = await session.list('/services');
  let spans = 0;
  for (const sender of ledger) {
    const known = services.find((service) => service.name === sender.service);
    assert.equal(known?.records, sender.spans, `${sender.service}: stored and acknowledged`);
    spans += sender.spans;
  }
  const unanswered = ledger.reduce((sum, sender) => sum + sender.unanswered, 0);
  assert.ok(unanswered > 0, 'the crashes met the load');
  assert.equal(values.get('reprise_stream_records_dropped_total{reason="late"}'), 0);
  assert.equal(values.get('reprise_journal_bad_bytes_total{kind="damaged"}'), 0);
  console.log(`${spans} spans acknowledged and stored over ${crashes} crashes; ${unanswered} requests had no answer`);
});
