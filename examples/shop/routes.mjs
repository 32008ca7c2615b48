// What the shop does, in two versions. Version 2 is the deploy that the demo catches: it breaks one
// route for some requests, slows down another for one category, and asks the database once per order
// on a third. Each defect leaves other requests of the same route unharmed.

import { HttpError } from '../common/server.mjs';
import { categories } from './database.mjs';
import { countInStock } from './warehouse.mjs';

const farCategory = 'garden';
const discounts = new Map([['SPRING', 10], ['LOYAL', 15]]);

const productsSql = 'SELECT sku, name, price_cents FROM products WHERE category = ? ORDER BY sku';
const orderSql = 'SELECT id, customer_id, total_cents, discount_code FROM orders WHERE id = ?';
const linesOfOrderSql = 'SELECT sku, quantity FROM order_lines WHERE order_id = ?';
const ordersOfCustomerSql = 'SELECT id, total_cents FROM orders WHERE customer_id = ? ORDER BY id';
const linesOfCustomerSql = 'SELECT l.order_id, l.sku, l.quantity FROM order_lines l '
  + 'JOIN orders o ON o.id = l.order_id WHERE o.customer_id = ?';
const priceSql = 'SELECT price_cents FROM products WHERE sku = ?';
const insertOrderSql = 'INSERT INTO orders(customer_id, total_cents, discount_code) VALUES (?, ?, ?)';
const insertLineSql = 'INSERT INTO order_lines VALUES (?, ?, ?)';

function parseId(text, what) {
  const id = Number(text);
  if (!Number.isInteger(id) || id < 1) throw new HttpError(400, `${what} must be a whole number from 1, not "${text}"`);
  return id;
}

export async function listProducts(shop, { query }) {
  const category = query.get('category');
  if (!categories.includes(category)) throw new HttpError(400, `category is one of ${categories.join(', ')}`);
  const products = await shop.database.all(productsSql, [category]);
  if (shop.version >= 2 && category === farCategory) {
    // The defect: one question after the other, and only now that stock is shown at all.
    for (const product of products) product.in_stock = await countInStock(product.sku);
  }
  return { products };
}

export async function showOrder(shop, { params }) {
  const id = parseId(params.id, 'order id');
  const [order] = await shop.database.all(orderSql, [id]);
  if (!order) throw new HttpError(404, `no order ${id}`);
  return { ...order, lines: await shop.database.all(linesOfOrderSql, [id]) };
}

function discountPercent(shop, code) {
  // The defect: version 2 tidies the code before it asks whether there is one.
  if (shop.version >= 2) return discounts.get(code.trim().toUpperCase()) ?? 0;
  return discounts.get(code) ?? 0;
}

export async function createOrder(shop, { body }) {
  const customer = parseId(body?.customer_id, 'customer_id');
  const quantity = parseId(body?.quantity, 'quantity');
  const percent = discountPercent(shop, body.discount_code);
  const [product] = await shop.database.all(priceSql, [String(body.sku)]);
  if (!product) throw new HttpError(404, `no article "${body.sku}"`);
  const total = Math.round((product.price_cents * quantity * (100 - percent)) / 100);
  const { lastInsertRowid } = await shop.database.change(insertOrderSql, [customer, total, body.discount_code ?? null]);
  await shop.database.change(insertLineSql, [lastInsertRowid, body.sku, quantity]);
  return { id: Number(lastInsertRowid), total_cents: total };
}

async function loadLines(shop, customer, orders) {
  if (shop.version < 2) return shop.database.all(linesOfCustomerSql, [customer]);
  const lines = [];
  for (const order of orders) {
    // The defect: one statement per order, the id written into its text.
    const statement = `SELECT order_id, sku, quantity FROM order_lines WHERE order_id = ${order.id}`;
    lines.push(...await shop.database.all(statement));
  }
  return lines;
}

export async function listCustomerOrders(shop, { params }) {
  const customer = parseId(params.id, 'customer id');
  const orders = await shop.database.all(ordersOfCustomerSql, [customer]);
  const lines = await loadLines(shop, customer, orders);
  const linesByOrder = new Map(orders.map((order) => [order.id, []]));
  for (const { order_id: id, ...line } of lines) linesByOrder.get(id)?.push(line);
  return { orders: orders.map((order) => ({ ...order, lines: linesByOrder.get(order.id) })) };
}
