import type { LoggedEvent } from '../log/logged-event.ts';
import { readableLine } from '../log/readable-line.ts';
import type { LogLine } from './page-data.ts';

const texts = [
  ...(['file', 'loadId', 'dataset', 'by', 'action', 'reason', 'hint', 'table', 'parquet'] as const),
];
const counts = [
  ...(['durationMs', 'bytes', 'rowsRead', 'rowsAccepted', 'rowsRejected'] as const),
  ...(['rowsDroppedNull', 'rowsDroppedDuplicate'] as const),
];

/** An event of the conversion log as the page has it; fields of another type than documented are left out. */
export function logLine(event: LoggedEvent): LogLine {
  const text = (key: string): string => {
    const value = event[key];
    return typeof value === 'string' ? value : '';
  };
  const line: LogLine = {
    ...{ time: text('time'), level: text('level'), event: text('event'), msg: text('msg') },
    text: readableLine(event),
  };
  for (const key of texts) if (text(key) !== '') line[key] = text(key);
  for (const key of counts) {
    const value = event[key];
    if (typeof value === 'number') line[key] = value;
  }
  const { err } = event;
  if (typeof err === 'object' && err !== null && 'message' in err) {
    if (typeof err.message === 'string') line.reason ??= err.message;
    if ('hint' in err && typeof err.hint === 'string') line.hint ??= err.hint;
  }
  return line;
}
