import { median } from './median.ts';

/** One run of a contender. What a case does not measure is left out. */
export interface Sample {
  wallMs: number;
  cpuMs?: number;
  rssBytes?: number;
  parquetBytes?: number;
  /** CPU time that the MariaDB server used meanwhile. */
  serverCpuMs?: number;
  /** What the table takes on the server's disk. */
  tableBytes?: number;
  /** Of both conversion logs and the journal of receipts, for one file. */
  logBytes?: number;
}

/** A program, or a way to run it, that is compared with others. `run` fails where the result is wrong. */
export interface Contender {
  name: string;
  run: () => Promise<Sample>;
}

export interface Line {
  name: string;
  samples: Sample[];
}

/** A bar of the issue, and what was measured. */
export interface Bar {
  claim: string;
  measured: number;
  rule: 'at least' | 'at most';
  limit: number;
  unit: string;
}

/** What one case measured: a table. */
export interface Section {
  title: string;
  /** Bytes of input in each run, all files together; 0 where a rate would say nothing. */
  bytes: number;
  files: number;
  /** Of all files together, where the table shall tell what a million of them take. */
  rows?: number;
  /** The line whose speed is 1; null where speeds are not compared. */
  base: string | null;
  lines: Line[];
  bars: Bar[];
}

/** Runs the contenders in turn, A B A B, so that what disturbs the machine for a while disturbs them alike. */
export async function interleave(
  title: string,
  contenders: readonly Contender[],
  runs: number,
): Promise<Line[]> {
  const lines = contenders.map(({ name }): Line => ({ name, samples: [] }));
  for (let run = 1; run <= runs; run++) {
    for (const [index, contender] of contenders.entries()) {
      const sample = await contender.run();
      lines[index]?.samples.push(sample);
      process.stderr.write(
        `${title}, run ${run} of ${runs}: ${contender.name} ${(sample.wallMs / 1000).toFixed(3)} s\n`,
      );
    }
  }
  return lines;
}

/** The median of one measure of a line; null where it was not measured. */
export function medianOf(line: Line, measure: keyof Sample): number | null {
  const values = line.samples.flatMap((sample) => sample[measure] ?? []);
  return values.length === 0 ? null : median(values);
}

/** The same of a line that must be there and have it. */
export function medianIn(lines: readonly Line[], name: string, measure: keyof Sample): number {
  const line = lines.find((candidate) => candidate.name === name);
  const value = line === undefined ? null : medianOf(line, measure);
  if (value === null) throw new Error(`${measure} of ${name} was not measured.`);
  return value;
}

/** How many times as fast one line is as another. */
export function speedAgainst(lines: readonly Line[], ours: string, rival: string): number {
  return medianIn(lines, rival, 'wallMs') / medianIn(lines, ours, 'wallMs');
}

export function isMet({ measured, rule, limit }: Bar): boolean {
  return rule === 'at least' ? measured >= limit : measured <= limit;
}
