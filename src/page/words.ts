import type { FileData, LogLine, StateData, UploadVerdict } from '../serve/page-data.ts';
import { count, formatDuration } from './format.ts';

/** What stands on a mark, and in which colour. */
export interface Mark {
  text: string;
  tone: 'good' | 'wait' | 'bad' | 'accent' | '';
}

export const fileMarks: Readonly<Record<FileData['state'] | UploadVerdict, Mark>> = {
  loaded: { text: 'Loaded', tone: 'good' },
  diverted: { text: 'Loaded in part', tone: 'wait' },
  undone: { text: 'Taken back', tone: '' },
  replaced: { text: 'Replaced', tone: '' },
  failed: { text: 'Failed', tone: 'bad' },
  running: { text: 'At work', tone: 'accent' },
  parked: { text: 'Parked', tone: 'wait' },
  waiting: { text: 'Waiting', tone: 'accent' },
  skipped: { text: 'Loaded before', tone: '' },
  unknown: { text: 'Not known', tone: '' },
};

export const statusMarks: Readonly<Record<StateData['status'], Mark>> = {
  ready: { text: 'Ready', tone: 'good' },
  degraded: { text: 'Files wait', tone: 'wait' },
  not_ready: { text: 'Takes no files', tone: 'bad' },
};

/** What a line of the log counts, in words. */
export function factsOf({ rowsAccepted, rowsRejected, durationMs, by }: LogLine): string[] {
  return [
    ...(rowsAccepted === undefined ? [] : [count(rowsAccepted, 'row')]),
    ...(rowsRejected === undefined || rowsRejected === 0
      ? []
      : [`${count(rowsRejected, 'row')} rejected`]),
    ...(durationMs === undefined ? [] : [formatDuration(durationMs)]),
    ...(by === undefined ? [] : [`by ${by}`]),
  ];
}

/** What was done last, as people say it. */
const steps: Readonly<Record<string, string>> = {
  found: 'found',
  claimed: 'being converted',
  resumed: 'being converted',
  converted: 'converted',
  published: 'being loaded',
  loaded: 'being finished',
};

export function stepText(step: string): string {
  return steps[step] ?? step;
}
