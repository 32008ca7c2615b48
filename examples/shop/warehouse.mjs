// The stock of articles that are kept in the far warehouse, whose system takes 20 ms per question.

import { setTimeout as pause } from 'node:timers/promises';

const answerMs = 20;

export async function countInStock(sku) {
  await pause(answerMs);
  return sku.length % 7;
}
