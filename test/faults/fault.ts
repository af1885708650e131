import type { Mariadb } from '../support/mariadb.ts';

/** What a fault works with. */
export interface Rig {
  server: Mariadb;
  seed: number;
  /** The short form samples: it runs with all other tests. */
  isShort: boolean;
  /** How often, where somebody wants it so; the fault's own number otherwise. */
  times: number | null;
  /** How many system calls are still to be passed over, because an earlier run that was ended had them. */
  skip: { left: number };
  /** Told after each trial. */
  onTrial: (what: string) => void;
}

/** What was done and how often, in the words of docs/RELIABILITY.md. */
export type Figures = Record<string, number>;

/** One kind of fault. `run` fails where anything was lost, doubled, torn or told wrongly. */
export interface Fault {
  title: string;
  /** Whether npm test does without it. */
  inLongFormOnly?: true;
  /** Why it cannot be had on this machine; null where it can. */
  missing: () => string | null;
  run: (rig: Rig) => Promise<Figures>;
}

/** How often to have the fault. */
export function timesOf(rig: Rig, inLongForm: number, inShortForm: number): number {
  return rig.times ?? (rig.isShort ? inShortForm : inLongForm);
}
