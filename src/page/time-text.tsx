import type { JSX } from 'preact';
import { formatTime, formatWholeTime } from './format.ts';

/** A moment, given as ISO 8601 in UTC, in the reader's time zone, which its title names. */
export function TimeText({ iso }: { iso: string }): JSX.Element {
  return (
    <time dateTime={iso} title={formatWholeTime(iso)}>
      {formatTime(iso)}
    </time>
  );
}
