import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LoadData, LoadPage, SessionData } from '../../serve/page-data.ts';
import { getJson } from '../api.ts';
import { ErrorNote } from '../error-note.tsx';
import { count, formatDuration, formatNumber } from '../format.ts';
import { MarkText } from '../mark-text.tsx';
import { placeUrl } from '../place.ts';
import { TimeText } from '../time-text.tsx';
import { fileMarks } from '../words.ts';

/** Typing is over after so long without a key. */
const TYPING_MS = 200;

interface Filter {
  search: string;
  dataset: string;
  state: string;
}

/** The history: the last loads, more of them as somebody asks, and those that they look for. */
export function LoadList({
  session,
  changes,
}: {
  session: SessionData;
  changes: number;
}): JSX.Element {
  const [filter, setFilter] = useState<Filter>({ search: '', dataset: '', state: '' });
  const { loads, page, error, more, again } = useLoads(filter, changes);
  const change = (part: Partial<Filter>): void => {
    setFilter({ ...filter, ...part });
  };
  return (
    <section class="panel" aria-labelledby="loads-title">
      <div class="panel-head">
        <h2 id="loads-title">Loads</h2>
        <LoadFilter filter={filter} change={change} session={session} />
      </div>
      {error === null ? null : <ErrorNote error={error} again={again} />}
      {page === null ? null : (
        <>
          <p class="soft" role="status">
            {page.matching === page.total
              ? count(page.total, 'load')
              : `${formatNumber(page.matching)} of ${count(page.total, 'load')}`}
          </p>
          {loads.length === 0 ? (
            <p class="soft">{page.total === 0 ? 'Nothing was loaded yet.' : 'No load matches.'}</p>
          ) : (
            <LoadTable loads={loads} />
          )}
          {page.next === null ? null : (
            <div class="buttons">
              <button type="button" onClick={more}>
                Show more
              </button>
            </div>
          )}
        </>
      )}
    </section>
  );
}

interface Loads {
  loads: LoadData[];
  page: LoadPage | null;
  error: unknown;
  more: () => void;
  again: () => void;
}

/** The pages that were asked for. When something changes the first is read anew, and what was shown beyond it stays behind that. */
function useLoads({ search, dataset, state }: Filter, changes: number): Loads {
  const [found, setFound] = useState<{ loads: LoadData[]; page: LoadPage | null }>({
    ...{ loads: [], page: null },
  });
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const moreEnd = useRef<AbortController | null>(null);
  const query = { search, dataset, state };
  useEffect(() => {
    const end = new AbortController();
    const timer = setTimeout(
      () => {
        getJson<LoadPage>('/api/loads', query, end.signal).then(
          (page) => {
            setError(null);
            setFound(({ loads }) => ({ page, loads: joined(page.loads, loads, page) }));
          },
          (failure: unknown) => {
            if (!end.signal.aborted) setError(failure);
          },
        );
      },
      found.page === null ? 0 : TYPING_MS,
    );
    return () => {
      clearTimeout(timer);
      end.abort();
    };
  }, [search, dataset, state, changes, turn]);
  useEffect(() => {
    setFound(({ page }) => ({ loads: [], page }));
    // What was asked for before is not of these.
    return () => {
      moreEnd.current?.abort();
      moreEnd.current = null;
    };
  }, [search, dataset, state]);
  const more = (): void => {
    // A second click would ask for the same again.
    if (moreEnd.current !== null) return;
    const end = new AbortController();
    moreEnd.current = end;
    const before = lastPlace(found.loads);
    getJson<LoadPage>('/api/loads', { ...query, before }, end.signal)
      .then(
        (page) => {
          setFound(({ loads }) => ({ page, loads: [...loads, ...page.loads] }));
        },
        (failure: unknown) => {
          if (!end.signal.aborted) setError(failure);
        },
      )
      .finally(() => {
        if (moreEnd.current === end) moreEnd.current = null;
      });
  };
  const again = (): void => {
    setTurn((n) => n + 1);
  };
  return { ...found, error, more, again };
}

/** The newest page, and behind it what was shown before and is older. */
function joined(newest: LoadData[], shown: LoadData[], page: LoadPage): LoadData[] {
  const end = page.next;
  if (end === null || shown.length <= newest.length) return newest;
  return [...newest, ...shown.filter((load) => `${load.time}/${load.loadId}` < end)];
}

function lastPlace(loads: readonly LoadData[]): string | null {
  const last = loads.at(-1);
  return last === undefined ? null : `${last.time}/${last.loadId}`;
}

interface LoadFilterProps {
  filter: Filter;
  change: (part: Partial<Filter>) => void;
  session: SessionData;
}

function LoadFilter({ filter, change, session }: LoadFilterProps): JSX.Element {
  const states = ['loaded', 'diverted', 'undone', 'replaced'] as const;
  return (
    <form
      class="filter"
      role="search"
      aria-label="Loads"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <input
        type="search"
        aria-label="File or load id"
        placeholder="File or load id"
        value={filter.search}
        onInput={({ currentTarget }) => {
          change({ search: currentTarget.value });
        }}
      />
      {session.datasets.length < 2 ? null : (
        <select
          aria-label="Dataset"
          value={filter.dataset}
          onChange={({ currentTarget }) => {
            change({ dataset: currentTarget.value });
          }}
        >
          <option value="">All datasets</option>
          {session.datasets.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      <select
        aria-label="State"
        value={filter.state}
        onChange={({ currentTarget }) => {
          change({ state: currentTarget.value });
        }}
      >
        <option value="">All states</option>
        {states.map((state) => (
          <option key={state} value={state}>
            {fileMarks[state].text}
          </option>
        ))}
      </select>
    </form>
  );
}

function LoadTable({ loads }: { loads: readonly LoadData[] }): JSX.Element {
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Rows loaded
            </th>
            <th scope="col" class="number">
              Rejected
            </th>
            <th scope="col" class="number">
              Dropped
            </th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col">Finished</th>
          </tr>
        </thead>
        <tbody>
          {loads.map((load) => (
            <LoadRow key={`${load.time}/${load.loadId}`} load={load} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function LoadRow({ load }: { load: LoadData }): JSX.Element {
  const { loadId, file, dataset, state, warnings, durationMs, time } = load;
  const dropped = load.rowsDroppedNull + load.rowsDroppedDuplicate;
  return (
    <tr>
      <th scope="row">
        <a href={placeUrl(['file', loadId])}>{file}</a>
        <span class="under">{dataset}</span>
      </th>
      <td>
        <MarkText mark={fileMarks[state]} />
        {warnings > 0 ? <MarkText mark={{ text: 'Not as expected', tone: 'wait' }} /> : null}
      </td>
      <td class="number">{formatNumber(load.rowsAccepted)}</td>
      <td class={`number ${load.rowsRejected > 0 ? '' : 'none'}`}>
        {formatNumber(load.rowsRejected)}
      </td>
      <td class={`number ${dropped > 0 ? '' : 'none'}`}>{formatNumber(dropped)}</td>
      <td class="number">{formatDuration(durationMs)}</td>
      <td class="time">
        <TimeText iso={time} />
      </td>
    </tr>
  );
}
