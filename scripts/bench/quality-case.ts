import type { BenchContext } from './bench-context.ts';
import { sizeName } from './convert-case.ts';
import { oursConverting } from './convert-contenders.ts';
import type { DataFile } from './data.ts';
import { type Bar, type Contender, interleave, medianIn, type Section } from './section.ts';
import type { Shape } from './shape.ts';

/** Types of the orders with rules that all of them keep. */
const rules: Record<string, string> = {
  order_id: '{ type: BIGINT, required: true, min: 1 }',
  customer_id: '{ type: INTEGER, required: true, min: 0, max: 100000000 }',
  email: '{ type: VARCHAR(80), minLength: 5 }',
  status:
    '{ type: VARCHAR(20), required: true, enum: [new, paid, shipped, delivered, returned, cancelled] }',
  ordered_at: "{ type: DATETIME, required: true, min: '2000-01-01 00:00:00' }",
  shipped_at: "{ type: DATETIME, min: '2000-01-01 00:00:00' }",
  amount: "{ type: 'DECIMAL(10,2)', required: true, min: 0 }",
  discount: "{ type: 'DECIMAL(5,2)', min: 0 }",
  quantity: '{ type: SMALLINT, required: true, min: 1, max: 1000 }',
  note: '{ type: TEXT, maxLength: 10000 }',
};
const checks = ['shipped_at >= ordered_at'];
const pattern = { email: "{ type: VARCHAR(80), minLength: 5, pattern: '[^@ ]+@[^@ ]+' }" };
const unique = { order_id: '{ type: BIGINT, required: true, min: 1, unique: true }' };
const divert = { on_invalid_rows: 'divert' };
const profile = { profile: true };

/** What is asked for beyond types. */
interface Wishes {
  columns?: Record<string, string>;
  /** Columns that the schema does not know. */
  without?: readonly string[];
  checks?: readonly string[];
  dataset?: object;
}

const variants: Record<string, Wishes> = {
  'types alone': {},
  'rules on each column': { columns: rules },
  'rules and a check': { columns: rules, checks },
  'rules and a pattern on e-mail addresses': { columns: { ...rules, ...pattern } },
  'rules and a unique key': { columns: { ...rules, ...unique } },
  'rules, broken rows diverted': { columns: rules, dataset: divert },
  'types and a profile': { dataset: profile },
  'rules, check, divert, profile': {
    ...{ columns: rules, checks },
    dataset: { ...divert, ...profile },
  },
  'all of them': {
    ...{ columns: { ...rules, ...pattern, ...unique }, checks },
    dataset: { ...divert, ...profile },
  },
};

/** Beside the others: it is not for checking, but another column to write. */
const surplus: Wishes = {
  without: ['shipped_at', 'discount', 'quantity'],
  dataset: { extra_columns: 'json' },
};

/** What of the conversion speed, of one worker, is left with rules and profiles where nothing is wrong. */
export async function qualityCase(context: BenchContext): Promise<Section[]> {
  const { orders } = context.data;
  const title = `Rules, policies and profiles, ${sizeName(orders)}, nothing broken`;
  const all = { ...variants, 'three columns kept as JSON': surplus };
  const contenders = Object.entries(all).map(([name, wishes]): Contender => ({
    ...oursConverting(context, withMore(orders, wishes), 1, 'zstd'),
    name,
  }));
  const lines = await interleave(title, contenders, context.runs);
  const [plain = '', ...others] = Object.keys(variants);
  const bars = others.map((name): Bar => ({
    claim: `${name}: speed against types alone`,
    measured: medianIn(lines, plain, 'wallMs') / medianIn(lines, name, 'wallMs'),
    ...{ rule: 'at least', limit: 0.9, unit: ' x' },
  }));
  return [{ title, bytes: orders.bytes, files: 1, base: plain, lines, bars }];
}

function withMore(file: DataFile, wishes: Wishes): DataFile {
  const { columns, without = [], checks = [], dataset } = wishes;
  const { shape } = file;
  const known = Object.entries({ ...shape.columns, ...columns });
  const more: Shape = {
    ...{ ...shape, checks },
    columns: Object.fromEntries(known.filter(([name]) => !without.includes(name))),
    dataset: { ...shape.dataset, ...dataset },
  };
  return { ...file, shape: more };
}
