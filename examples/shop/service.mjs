// The shop service.
//
//   GET  /products?category=garden
//   GET  /orders/{id}      POST /orders {"customer_id":1,"sku":"toys-1","quantity":2,"discount_code":"SPRING"}
//   GET  /customers/{id}/orders
//   GET  /healthz
//   POST /admin/deploy {"version":2}     1 works, 2 has three defects
//   SHOP_PORT (default 0: any), SHOP_VERSION (default 1)

import { startTelemetry } from '../common/telemetry.mjs';
import { onStop } from '../common/onStop.mjs';
import { RrpairForwarder } from '../common/rrpair.mjs';
import { HttpError, startServer } from '../common/server.mjs';
import { ShopDatabase } from './database.mjs';
import { createOrder, listCustomerOrders, listProducts, showOrder } from './routes.mjs';

function checkVersion(value) {
  if (value !== 1 && value !== 2) throw new HttpError(400, 'version is 1 or 2');
  return value;
}

const telemetry = await startTelemetry('shop');
const forwarder = new RrpairForwarder('shop');
const shop = {
  version: checkVersion(Number(process.env.SHOP_VERSION ?? 1)),
  database: new ShopDatabase(forwarder),
};
const server = await startServer({
  name: 'shop',
  port: Number(process.env.SHOP_PORT ?? 0),
  forwarder,
  routes: {
    'GET /products': (input) => listProducts(shop, input),
    'GET /orders/{id}': (input) => showOrder(shop, input),
    'POST /orders': (input) => createOrder(shop, input),
    'GET /customers/{id}/orders': (input) => listCustomerOrders(shop, input),
    'GET /healthz': () => ({ ok: true }),
    'POST /admin/deploy': ({ body }) => {
      shop.version = checkVersion(body?.version);
      return { version: shop.version };
    },
  },
});
onStop(async () => {
  await server.close();
  shop.database.close();
  await telemetry.shutdown();
});
