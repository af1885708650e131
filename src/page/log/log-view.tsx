import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { LogLine } from '../../serve/page-data.ts';
import { ErrorNote } from '../error-note.tsx';
import { count } from '../format.ts';
import { useLogLines } from '../live.ts';
import { placeUrl } from '../place.ts';
import { TimeText } from '../time-text.tsx';
import { useFetched } from '../use-fetched.ts';
import { factsOf } from '../words.ts';
import { unknownLines } from './unknown-lines.ts';

/** So many lines are kept; older ones are in the log. */
const LINES_MAX = 500;

/** The end of the conversion log, the newest line first, as it grows. */
export function LogView(): JSX.Element {
  const { data, error, again } = useFetched<LogLine[]>('/api/log', { last: LINES_MAX });
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [search, setSearch] = useState('');
  const [isTroubleOnly, setTroubleOnly] = useState(false);
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (data !== null) setLines(data.toReversed());
  }, [data]);
  useLogLines((news) => {
    if (isHeld) return;
    setLines((known) => [...unknownLines(news, known).toReversed(), ...known].slice(0, LINES_MAX));
  });
  const part = search.trim().toLowerCase();
  const shown = lines.filter(
    ({ level, text }) =>
      (!isTroubleOnly || level !== 'info') && (part === '' || text.toLowerCase().includes(part)),
  );
  return (
    <>
      <div class="view-head">
        <h1>Conversion log</h1>
        <div class="filter">
          <input
            type="search"
            aria-label="Text in a line"
            placeholder="Text in a line"
            value={search}
            onInput={({ currentTarget }) => {
              setSearch(currentTarget.value);
            }}
          />
          <label>
            <input
              type="checkbox"
              checked={isTroubleOnly}
              onChange={({ currentTarget }) => {
                setTroubleOnly(currentTarget.checked);
              }}
            />{' '}
            Warnings and errors
          </label>
          <button
            type="button"
            aria-pressed={isHeld}
            onClick={() => {
              setHeld(!isHeld);
              if (isHeld) again();
            }}
          >
            {isHeld ? 'Go on' : 'Hold'}
          </button>
        </div>
      </div>
      {error === null ? null : <ErrorNote error={error} again={again} />}
      <p class="soft">{count(shown.length, 'line')}, the newest first</p>
      <div class="panel table">
        <table class="log">
          <caption class="hidden-text">Conversion log</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Event</th>
              <th scope="col">File</th>
              <th scope="col">What</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line, index) => (
              <Line key={lines.length - index} line={line} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const tones: Readonly<Record<string, string>> = { warn: 'wait', error: 'bad' };

function Line({ line }: { line: LogLine }): JSX.Element {
  const { time, level, event, msg, file, loadId, reason, hint, action } = line;
  const facts = [...(action === undefined ? [] : [action]), ...factsOf(line)];
  return (
    <tr>
      <td class="time soft">
        <TimeText iso={time} />
      </td>
      <td>
        <span class={`mark ${tones[level] ?? ''}`}>{event}</span>
      </td>
      <td>
        {file === undefined ? null : loadId === undefined ? (
          file
        ) : (
          <a href={placeUrl(['file', loadId])}>{file}</a>
        )}
      </td>
      <td>
        {msg}
        {facts.length === 0 ? null : <span class="soft">, {facts.join(', ')}</span>}
        {reason === undefined ? null : (
          <span class="more">
            {reason} {hint ?? ''}
          </span>
        )}
      </td>
    </tr>
  );
}
