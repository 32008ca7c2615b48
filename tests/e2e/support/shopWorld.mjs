// A server, the example shop with its defects and what stands before the shop during a replay: enough
// for one incident of 500s on POST /orders and its reproduce run.

import assert from 'node:assert/strict';

import { startService } from '../../../examples/common/childProcess.mjs';
import { Report } from '../../../examples/demo/report.mjs';
import { requestJson } from '../../../examples/test/support/request.mjs';
import { HoldingProxy } from './holdingProxy.mjs';
import { findFreePort, Reprise } from './serverProcess.mjs';

const limitS = 90;
const script = new URL('../../../examples/shop/service.mjs', import.meta.url).pathname;
const report = new Report();

export class ShopWorld {
  #started = [];
  #shop;
  #lastGood;
  proxy;
  reprise;
  session;

  /**
   * `dashboard` is its port, for what must find it again after a restart; `server` and `intake` hold keys of theirs;
   * `lastGood`: the version that worked runs beside it, and replays go there, too.
   */
  async start({
    trials, trialRequests, archive, sections, server, intake, dashboard = 0, lastGood = false,
  } = {}) {
    const ports = { dashboard, otlpGrpc: 0, otlpHttp: await findFreePort() };
    this.#shop = await startService('shop', script, {
      env: {
        SHOP_VERSION: '2',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.otlpHttp}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_BSP_SCHEDULE_DELAY: '200',
      },
    });
    this.#started.push(this.#shop);
    this.proxy = await new HoldingProxy(this.#shop.url).start();
    this.#started.push(this.proxy);
    if (lastGood) {
      this.#lastGood = await startService('shop-before', script, { env: { SHOP_VERSION: '1' } });
      this.#started.push(this.#lastGood);
    }
    const targets = [this.proxy.url, ...(lastGood ? [this.#lastGood.url] : [])];
    this.reprise = new Reprise({ ports, targets, trialRequests, trials, archive, sections, server, intake });
    this.session = await this.reprise.start();
    await this.#allowReplay();
    return this;
  }

  async #allowReplay() {
    await requestJson('GET', `${this.#shop.url}/products?category=toys`);
    const service = await this.until('service', async () => (await this.session.list('/services'))
      .find((candidate) => candidate.name === 'shop'));
    await this.session.put('/services/shop', {
      replay_target: this.proxy.url, replay_unsafe_methods: true, owner: '',
      ...(this.#lastGood === undefined ? {} : { replay_last_good_target: this.#lastGood.url }),
    }, service.version);
  }

  /**
   * 60 orders that fail and 30 that do not, in turn: no window holds one kind only. In few steps, so that also a slow
   * machine has 20 failing ones, which make it critical, in one window.
   */
  async placeOrders() {
    const order = { customer_id: 1, sku: 'toys-1', quantity: 1 };
    const place = (one) => requestJson('POST', `${this.#shop.url}/orders`, one);
    for (let step = 0; step < 3; step += 1) {
      const turn = [order, order, { ...order, discount_code: 'SPRING' }];
      const answers = await Promise.all(Array(10).fill(turn).flat().map(place));
      assert.deepEqual(answers.map((answer) => answer.status), Array(10).fill([500, 500, 200]).flat());
    }
  }

  until(what, look) {
    return report.until(what, limitS, look);
  }

  /** Another approver's sign-in link. */
  async invite(name) {
    const { link } = await this.session.post('/users', { name, roles: ['viewer', 'approver'] });
    return link;
  }

  async crash() {
    await this.reprise.crash();
    this.proxy.release();
    this.session = await this.reprise.start();
  }

  async stop() {
    for (const one of this.#started.reverse()) await one.stop();
    await this.reprise?.stop();
    this.reprise?.removeData();
  }
}
