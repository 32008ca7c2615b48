import assert from 'node:assert/strict';
import test from 'node:test';

import { planTraffic } from '../trafficPlan.mjs';

const ratesPerSecond = { products: 20, showOrder: 10, createOrder: 16, customerOrders: 12, teamSync: 5 };

test('one seed gives one plan, another seed another', () => {
  const plan = planTraffic({ seed: 7, seconds: 5, faults: true });

  assert.deepEqual(planTraffic({ seed: 7, seconds: 5, faults: true }), plan);
  assert.notDeepEqual(planTraffic({ seed: 8, seconds: 5, faults: true }), plan);
});

test('requests are sorted and every second of a quiet phase has its share of each kind', () => {
  const plan = planTraffic({ seed: 1, seconds: 10, faults: false });

  for (let index = 1; index < plan.length; index += 1) assert.ok(plan[index].atMs >= plan[index - 1].atMs);
  for (let second = 0; second < 10; second += 1) {
    const inSecond = plan.filter((request) => Math.floor(request.atMs / 1000) === second);
    const kinds = inSecond.map((request) => request.kind);
    for (const [kind, rate] of Object.entries(ratesPerSecond)) {
      assert.equal(kinds.filter((seen) => seen === kind).length, rate, `${kind} in second ${second}`);
    }
  }
});

test('the large mailbox comes with the faults only, once a second', () => {
  const inbox = (faults) => planTraffic({ seed: 1, seconds: 4, faults })
    .filter((request) => request.kind === 'inboxSync');

  assert.deepEqual(inbox(false), []);
  assert.deepEqual(inbox(true).map((request) => request.atMs), [500, 1500, 2500, 3500]);
});

test('the requests that version 2 breaks are a part of the traffic, and so are their good neighbours', () => {
  const plan = planTraffic({ seed: 3, seconds: 60, faults: false });
  const share = (kind, isBad) => {
    const all = plan.filter((request) => request.kind === kind);
    return all.filter(isBad).length / all.length;
  };

  const noCode = share('createOrder', (request) => request.body.discount_code === undefined);
  const garden = share('products', (request) => request.path.endsWith('garden'));
  const loyal = share('customerOrders', (request) => Number(request.path.split('/')[2]) > 20);

  assert.ok(Math.abs(noCode - 0.4) < 0.05, `without a code ${noCode}`);
  assert.ok(Math.abs(garden - 0.3) < 0.05, `garden ${garden}`);
  assert.ok(Math.abs(loyal - 0.5) < 0.07, `loyal ${loyal}`);
});
