// The shop's database: SQLite in memory, each statement with a span and an outbound RRPair. A real
// shop asks a server, so a statement also takes a round trip of 2 ms here.

import { setTimeout as pause } from 'node:timers/promises';

import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import sqlite from 'node-sqlite3-wasm';

const roundTripMs = 2;
const productsPerCategory = 10;
export const categories = ['books', 'garden', 'kitchen', 'toys'];
// Customers 1..20 have one order, 21..40 have many.
const customersOfEachSort = 20;
const ordersOfLoyalCustomer = 24;

const schema = `
  CREATE TABLE products(
    sku TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price_cents INTEGER NOT NULL);
  CREATE INDEX products_by_category ON products(category);
  CREATE TABLE orders(
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, total_cents INTEGER NOT NULL, discount_code TEXT);
  CREATE INDEX orders_by_customer ON orders(customer_id);
  CREATE TABLE order_lines(order_id INTEGER NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL);
  CREATE INDEX order_lines_by_order ON order_lines(order_id);
`;

function fill(database) {
  for (const category of categories) {
    for (let number = 1; number <= productsPerCategory; number += 1) {
      database.run('INSERT INTO products VALUES (?, ?, ?, ?)', [
        `${category}-${number}`, `${category} article ${number}`, category, 500 + number * 125,
      ]);
    }
  }
  for (let customer = 1; customer <= 2 * customersOfEachSort; customer += 1) {
    const orders = customer <= customersOfEachSort ? 1 : ordersOfLoyalCustomer;
    for (let number = 0; number < orders; number += 1) {
      const category = categories[(customer + number) % categories.length];
      const { lastInsertRowid } = database.run(
        'INSERT INTO orders(customer_id, total_cents, discount_code) VALUES (?, ?, NULL)', [customer, 1250],
      );
      database.run('INSERT INTO order_lines VALUES (?, ?, ?), (?, ?, ?)', [
        lastInsertRowid, `${category}-1`, 1, lastInsertRowid, `${category}-2`, 2,
      ]);
    }
  }
}

export class ShopDatabase {
  #database = new sqlite.Database(':memory:');
  #forwarder;
  #tracer = trace.getTracer('shop-database', '1');

  constructor(forwarder) {
    this.#forwarder = forwarder;
    this.#database.exec(`BEGIN; ${schema}`);
    fill(this.#database);
    this.#database.exec('COMMIT');
  }

  /** Rows as objects. */
  all(statement, values = []) {
    return this.#run(statement, () => this.#database.all(statement, values));
  }

  /** {changes, lastInsertRowid}. */
  change(statement, values = []) {
    return this.#run(statement, () => this.#database.run(statement, values));
  }

  close() {
    this.#database.close();
  }

  async #run(statement, work) {
    const verb = statement.slice(0, statement.indexOf(' '));
    const startMs = performance.now();
    const span = this.#tracer.startSpan(verb, {
      kind: SpanKind.CLIENT,
      attributes: {
        'db.system.name': 'sqlite', 'db.operation.name': verb, 'db.query.text': statement, 'server.address': 'shop-db',
      },
    });
    let error;
    try {
      await pause(roundTripMs);
      return work();
    } catch (caught) {
      error = caught;
      span.recordException(caught);
      span.setStatus({ code: SpanStatusCode.ERROR, message: caught.message });
      throw caught;
    } finally {
      span.end();
      this.#forwarder.addSql({ statement, startMs, endMs: performance.now(), error: error?.message, span });
    }
  }
}
