// Copies a mailbox: lists its ids page by page, fetches the messages of each page.

function parseAnswer(answer) {
  if (answer.status !== 200) throw new Error(`upstream answered ${answer.status}`);
  return JSON.parse(answer.text);
}

/** `pool` workers share the ids. */
async function fetchPooled(ids, fetchOne, pool) {
  let next = 0;
  const results = [];
  const work = async () => {
    while (next < ids.length) {
      const index = next;
      next += 1;
      results[index] = await fetchOne(ids[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(pool, ids.length) }, work));
  return results;
}

/** Everything at once: the defect that the demo catches. */
function fetchAll(ids, fetchOne) {
  return Promise.all(ids.map(fetchOne));
}

/**
 * {mailbox, pages, listed, fetched, dropped}. `pool` 0 means no limit. A message that cannot be
 * fetched is dropped without a word, as in the case this example is modelled on: the caller sees
 * success, only the traffic tells.
 */
export async function syncMailbox(client, mailbox, pool, headers) {
  const query = `mailbox=${encodeURIComponent(mailbox)}`;
  const fetchOne = async (id) => {
    try {
      return parseAnswer(await client.get(`/messages/${id}?${query}`, headers));
    } catch {
      return undefined;
    }
  };
  const outcome = { mailbox, pages: 0, listed: 0, fetched: 0, dropped: 0 };
  let page = 1;
  while (page !== undefined) {
    const list = parseAnswer(await client.get(`/messages?${query}&page=${page}`, headers));
    const messages = pool > 0 ? await fetchPooled(list.ids, fetchOne, pool) : await fetchAll(list.ids, fetchOne);
    const fetched = messages.filter((message) => message !== undefined).length;
    outcome.pages += 1;
    outcome.listed += list.ids.length;
    outcome.fetched += fetched;
    outcome.dropped += list.ids.length - fetched;
    page = list.next;
  }
  return outcome;
}
