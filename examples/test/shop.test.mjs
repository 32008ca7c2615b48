import assert from 'node:assert/strict';
import test from 'node:test';

import { startService } from '../common/childProcess.mjs';
import { startSink } from './support/otlpSink.mjs';
import { requestJson } from './support/request.mjs';

const sink = await startSink();
const shop = await startService('shop', new URL('../shop/service.mjs', import.meta.url).pathname, { env: sink.env });
test.after(async () => {
  await shop.stop();
  await sink.close();
});

const get = (path) => requestJson('GET', `${shop.url}${path}`);
const order = (more) => requestJson('POST', `${shop.url}/orders`, {
  customer_id: 1001, sku: 'toys-1', quantity: 2, ...more,
});
const deploy = (version) => requestJson('POST', `${shop.url}/admin/deploy`, { version });

test('version 1 works on every route', async () => {
  assert.equal((await get('/products?category=garden')).value.products.length, 10);
  assert.equal((await get('/orders/3')).value.lines.length, 2);
  assert.deepEqual((await order({ discount_code: 'SPRING' })).value.total_cents, 1125);
  assert.deepEqual((await order()).value.total_cents, 1250);
  assert.equal((await get('/customers/1/orders')).value.orders.length, 1);
  assert.equal((await get('/customers/25/orders')).value.orders.length, 24);
});

test('version 2 fails orders without a discount code, with a stack, and takes those with one', async () => {
  await deploy(2);

  const failed = await order();
  const good = await order({ discount_code: 'SPRING' });

  assert.equal(failed.status, 500);
  assert.match(failed.value.error, /^TypeError: /);
  assert.match(failed.value.stack[0], /discountPercent/);
  assert.equal(good.status, 200);
});

test('version 2 asks the warehouse one by one for the garden only', async () => {
  await deploy(2);
  const timed = async (category) => {
    const startMs = performance.now();
    await get(`/products?category=${category}`);
    return performance.now() - startMs;
  };

  const gardenMs = await timed('garden');
  const toysMs = await timed('toys');

  assert.ok(gardenMs >= 195, `garden took ${gardenMs} ms`);
  assert.ok(toysMs < gardenMs / 2, `toys took ${toysMs} ms`);
});

test('both versions show the same orders of a customer', async () => {
  await deploy(1);
  const before = await get('/customers/25/orders');
  await deploy(2);
  const after = await get('/customers/25/orders');

  assert.deepEqual(after.value, before.value);
});

test('bad input is refused with the way out', async () => {
  const cases = [
    [await get('/orders/x'), 400, /whole number from 1/],
    [await get('/orders/99999'), 404, /no order 99999/],
    [await get('/products?category=none'), 400, /one of books, garden/],
    [await get('/nothing'), 404, /no GET \/nothing here/],
    [await order({ quantity: 0 }), 400, /quantity/],
    [await order({ sku: 'nothing-1', discount_code: 'SPRING' }), 404, /no article/],
    [await deploy(3), 400, /1 or 2/],
  ];

  for (const [answer, status, message] of cases) {
    assert.equal(answer.status, status);
    assert.match(answer.value.error, message);
  }
});

test('each statement of the N+1 is a span and an RRPair with its own text; the deploy is neither', async () => {
  await shop.stop();

  const spans = sink.text('/v1/traces');
  const records = sink.text('/v1/logs');

  const statements = (text) => new Set(text.match(/FROM order_lines WHERE order_id = \d+/g)).size;
  assert.ok(statements(spans) >= 24, `${statements(spans)} statements in spans`);
  assert.ok(statements(records) >= 24, `${statements(records)} statements in RRPairs`);
  assert.ok(spans.includes('GET /customers/{id}/orders') && spans.includes('db.query.text'));
  assert.ok(spans.includes('discountPercent'), 'the stack is in the span');
  assert.ok(!spans.includes('/admin/') && !records.includes('/admin/'));
});
