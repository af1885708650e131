// Rows as a shop's order export has them: a key that never repeats, few and many distinct values, timestamps, decimals,
// nulls, e-mail addresses, and notes that are quoted and hold delimiters, quotes and newlines.

const words =
  'please leave the parcel with a neighbour ring twice gift wrap it thanks do not bend fragile back door after six call first'.split(
    ' ',
  );
const states = ['new', 'paid', 'shipped', 'delivered', 'returned', 'cancelled'];
const domains = ['example.com', 'example.org', 'mail.example.net'];

const CUSTOMERS = 200_000;
/** 2020-09-13, and each order 700 ms after the one before on average. */
const FIRST_ORDER_MS = 1.6e12;
const DAY_MS = 86_400_000;

export const orderHeader =
  'order_id,customer_id,email,status,ordered_at,shipped_at,amount,discount,quantity,note';

/** So many rows, each as its text in the file without the newline behind it; the same seed gives the same rows. */
export function* orderRows(rows: number, seed: number): Generator<string> {
  const random = randomSource(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const word = (): string => words[below(words.length)] ?? '';
  const note = (): string => {
    const kind = random();
    if (kind < 0.7) return '';
    const text = Array.from({ length: 2 + below(6) }, word);
    if (kind < 0.8) return text.join(' ');
    if (kind < 0.9) return `"${text.join(', ')}"`;
    if (kind < 0.96) return `"${text.join(' ')}\n${word()}"`;
    return `"${text.join(' ')} ""${word()}"""`;
  };
  for (let id = 1; id <= rows; id++) {
    const customer = below(CUSTOMERS);
    const orderedMs = FIRST_ORDER_MS + id * 700 + below(700) * 1000;
    const cells = [
      id,
      customer,
      `customer.${customer}@${domains[customer % domains.length] ?? ''}`,
      states[below(states.length)],
      timestamp(orderedMs),
      random() < 0.25 ? '' : timestamp(orderedMs + below(5 * DAY_MS)),
      (below(100_000) / 100).toFixed(2),
      random() < 0.6 ? '' : (below(3_000) / 100).toFixed(2),
      1 + below(12),
      note(),
    ];
    yield cells.join(',');
  }
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Uniform numbers from 0 to below 1: mulberry32, as in scripts/sample.mjs. */
function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
