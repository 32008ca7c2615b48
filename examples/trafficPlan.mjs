// What the load driver sends and when, as a pure function of the seed: the same seed always gives the
// same requests at the same offsets.

const categories = ['books', 'garden', 'kitchen', 'toys'];

/** Requests per second of each kind, the same before and after the deploy. */
const rates = { products: 20, showOrder: 10, createOrder: 16, customerOrders: 12, teamSync: 5 };
const inboxSyncsPerSecond = 1;
const gardenShare = 0.3;
const withoutDiscountShare = 0.4;
const loyalCustomerShare = 0.5;

/** Uniform numbers in [0, 1), reproducible (a 32-bit mixing generator). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

function pick(random, from, to) {
  return from + Math.floor(random() * (to - from + 1));
}

const makers = {
  products: (random) => {
    const others = categories.filter((category) => category !== 'garden');
    const category = random() < gardenShare ? 'garden' : others[pick(random, 0, others.length - 1)];
    return { service: 'shop', method: 'GET', path: `/products?category=${category}` };
  },
  showOrder: (random) => ({ service: 'shop', method: 'GET', path: `/orders/${pick(random, 1, 500)}` }),
  createOrder: (random) => {
    const body = {
      customer_id: pick(random, 1000, 1999),
      sku: `${categories[pick(random, 0, 3)]}-${pick(random, 1, 10)}`,
      quantity: pick(random, 1, 5),
    };
    if (random() >= withoutDiscountShare) body.discount_code = random() < 0.5 ? 'SPRING' : 'LOYAL';
    return { service: 'shop', method: 'POST', path: '/orders', body };
  },
  customerOrders: (random) => {
    const id = random() < loyalCustomerShare ? pick(random, 21, 40) : pick(random, 1, 20);
    return { service: 'shop', method: 'GET', path: `/customers/${id}/orders` };
  },
  teamSync: () => ({ service: 'radar', method: 'POST', path: '/sync', body: { mailbox: 'team' } }),
  inboxSync: () => ({ service: 'radar', method: 'POST', path: '/sync', body: { mailbox: 'inbox' } }),
};

/** Evenly spread with jitter within each slot, so that every second sees its share. */
function spread(random, kind, perSecond, seconds) {
  const slotMs = 1000 / perSecond;
  return Array.from({ length: Math.round(perSecond * seconds) }, (_, slot) => ({
    atMs: (slot + random()) * slotMs, kind, ...makers[kind](random),
  }));
}

/** Sorted by time. `faults` adds the large mailbox, which nobody synced before. */
export function planTraffic({ seed, seconds, faults }) {
  const random = seededRandom(seed);
  const requests = Object.entries(rates).flatMap(([kind, rate]) => spread(random, kind, rate, seconds));
  if (faults) {
    // Not jittered: two of them must never overlap, each is a burst of its own.
    for (let slot = 0; slot < seconds * inboxSyncsPerSecond; slot += 1) {
      requests.push({ atMs: (slot + 0.5) * (1000 / inboxSyncsPerSecond), kind: 'inboxSync', ...makers.inboxSync() });
    }
  }
  return requests.sort((a, b) => a.atMs - b.atMs);
}
