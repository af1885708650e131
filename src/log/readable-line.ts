import { counted } from '../core/counted.ts';
import { visibleText } from '../core/visible-text.ts';

/**
 * An event of the conversion log as one line for people: a parsed line of conversion_log.jsonl comes in, text without a
 * line break goes out. Fields that are missing or of another type than documented are left out.
 */
export function readableLine(event: Readonly<Record<string, unknown>>): string {
  const level = text(event['level']);
  const file = text(event['file']);
  const loadId = text(event['loadId']);
  const line = [
    time(text(event['time'])),
    level === null || level === 'info' ? null : level.toUpperCase(),
    (text(event['event']) ?? '').padEnd(9),
    file ?? text(event['msg']),
    loadId?.slice(0, 8) ?? null,
    counts(event),
    destination(event),
    duration(event['durationMs']),
    why(event),
  ];
  return visibleText(line.filter((part) => part !== null).join('  '));
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** ISO 8601 to the second, still in UTC. */
function time(iso: string | null): string | null {
  return iso?.replace(/\.\d+Z$/, 'Z') ?? null;
}

const countWords = [
  ['bytes', 'byte', 'bytes'],
  ['rowsRead', 'row read', 'rows read'],
  ['rowsAccepted', 'accepted', 'accepted'],
  ['rowsRejected', 'rejected', 'rejected'],
  ['rowsDroppedNull', 'dropped with nulls', 'dropped with nulls'],
  ['rowsDroppedDuplicate', 'dropped as a duplicate', 'dropped as duplicates'],
] as const;

function counts(event: Readonly<Record<string, unknown>>): string | null {
  const parts = countWords.flatMap(([field, one, several]) => {
    const count = event[field];
    // A zero says something of what was read and accepted only; of the others it is the rule.
    const shown = typeof count === 'number' && (count > 0 || /Read|Accepted/.test(field));
    return shown ? counted(count, one, several) : [];
  });
  return parts.length === 0 ? null : parts.join(', ');
}

function destination(event: Readonly<Record<string, unknown>>): string | null {
  const table = text(event['table']);
  if (table !== null) return `into ${table}`;
  const parquet = text(event['parquet']);
  return parquet === null ? null : `to ${parquet}`;
}

function duration(ms: unknown): string | null {
  if (typeof ms !== 'number') return null;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function why(event: Readonly<Record<string, unknown>>): string | null {
  const { err } = event;
  const error = typeof err === 'object' && err !== null ? (err as Record<string, unknown>) : {};
  const repeats = text(event['repeats']);
  const reason =
    text(event['reason']) ??
    text(error['message']) ??
    text(error['code']) ??
    text(error['name']) ??
    (repeats === null ? null : `repeats load ${repeats.slice(0, 8)}`);
  const hint = text(event['hint']) ?? text(error['hint']);
  return reason === null ? hint : hint === null ? reason : `${reason} -> ${hint}`;
}
