import { parseArgs } from 'node:util';

export const help = `npm run bench -- [options]

Measures csv-hopper against DuckDB, bare LOAD DATA LOCAL and the straightforward program, on data that it makes itself.

  --quick       small files and fewer runs, under 3 minutes
  --runs N      runs of each contender (default 5; 3 with --quick)
  --snappy      convert to snappy Parquet too, besides zstd
  --large       also peak memory at 2 GB
  --only CASE   only this case; may be repeated: convert, small-files, load, latency, memory, straightforward,
                capacity and quality (which are not among all cases)
  --dir DIR     keep the data files there, and use those that are there
  --json FILE   also write all samples there
  --help        this text
`;

export const caseNames = [
  'convert',
  'small-files',
  'load',
  'latency',
  'straightforward',
  'memory',
  'capacity',
  'quality',
] as const;
/** They run where they are asked for. */
const onlyOnRequest: readonly string[] = ['memory', 'capacity', 'quality'];
export type CaseName = (typeof caseNames)[number];

export interface Options {
  quick: boolean;
  runs: number;
  codecs: ('zstd' | 'snappy')[];
  cases: CaseName[];
  /** Null for a temporary folder. */
  dir: string | null;
  json: string | null;
}

export class UsageError extends Error {}

/** Null where help is asked for. Throws a UsageError. */
export function readOptions(words: string[]): Options | null {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const only = { type: 'string', multiple: true, default: [] as string[] } as const;
  const options = { quick: flag, runs: text, snappy: flag, large: flag, only };
  const more = { dir: text, json: text, help: flag };
  const values = parsed(() => parseArgs({ args: words, options: { ...options, ...more } }).values);
  if (values.help) return null;
  const unknown = values.only.find((name) => !caseNames.some((known) => known === name));
  if (unknown !== undefined) {
    throw new UsageError(`--only takes ${caseNames.join(', ')}, not "${unknown}".`);
  }
  const wanted = (name: CaseName): boolean =>
    values.only.length > 0
      ? values.only.includes(name)
      : !onlyOnRequest.includes(name) || (name === 'memory' && values.large);
  return {
    quick: values.quick,
    runs: values.runs === undefined ? (values.quick ? 3 : 5) : wholeNumber(values.runs),
    codecs: values.snappy ? ['zstd', 'snappy'] : ['zstd'],
    cases: caseNames.filter(wanted),
    dir: values.dir ?? null,
    json: values.json ?? null,
  };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`--runs takes a whole number from 1 to 9999, not "${text}".`);
}
