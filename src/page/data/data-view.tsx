import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { DatasetJson, HistoryJson, SummaryJson } from '../../core/explorer-data.ts';
import { ErrorNote } from '../error-note.tsx';
import { count, formatBytes } from '../format.ts';
import { placeUrl } from '../place.ts';
import { type Fetched, useFetched } from '../use-fetched.ts';
import type { ViewProps } from '../views.ts';
import { ColumnsPanel, HistoryPanel } from './dataset-panel.tsx';

/** What changed is looked for so often; where nothing has, next to nothing is sent. */
const REFRESH_MS = 15_000;

/** The datasets, and what is in one of them: `#/data`, `#/data/orders`. */
export function DataView({ place }: ViewProps): JSX.Element {
  const list = useFetched<DatasetJson[]>('/api/data');
  useRefresh(list);
  const [name = list.data?.length === 1 ? list.data[0]?.name : undefined] = place.words;
  if (list.data === null) return <Waiting fetched={list} />;
  if (name === undefined) return <DatasetList datasets={list.data} />;
  const dataset = list.data.find((one) => one.name === name);
  if (dataset === undefined) {
    return (
      <section class="empty">
        <h1>There is no dataset of this name</h1>
        <p>
          <a href={placeUrl(['data'])}>To all datasets</a>
        </p>
      </section>
    );
  }
  return <DatasetView key={name} dataset={dataset} isOnly={list.data.length === 1} />;
}

function DatasetList({ datasets }: { datasets: DatasetJson[] }): JSX.Element {
  return (
    <>
      <h1>Data</h1>
      <ul class="cards">
        {datasets.map(({ name, files, bytes, columns }) => (
          <li key={name}>
            <a class="panel card" href={placeUrl(['data', name])}>
              <strong>{name}</strong>
              <span class="soft">
                {files === 0
                  ? 'nothing loaded yet'
                  : `${count(files, 'file')}, ${formatBytes(bytes)}`}
              </span>
              <span class="soft">{count(columns, 'column')}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function DatasetView({
  dataset: { name, files, bytes },
  isOnly,
}: {
  dataset: DatasetJson;
  isOnly: boolean;
}): JSX.Element {
  const summary = useFetched<SummaryJson>('/api/data/summary', { name });
  const history = useFetched<HistoryJson>('/api/data/history', { name });
  useRefresh(summary);
  useRefresh(history);
  const [columns, loads] = [useSteady(summary.data), useSteady(history.data)];
  const sql = `SELECT *\nFROM ${/^[a-z_]\w*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`}\nLIMIT 100`;
  return (
    <>
      <header class="heading">
        <h1>
          {isOnly ? null : (
            <>
              <a href={placeUrl(['data'])}>Data</a>
              <span class="soft"> / </span>
            </>
          )}
          {name}
        </h1>
        <p class="soft">
          {count(files, 'Parquet file')}, {formatBytes(bytes)}
        </p>
        <a class="button" href={placeUrl(['sql'], { q: sql })}>
          Query with SQL
        </a>
      </header>
      {loads === null ? <Waiting fetched={history} /> : <HistoryPanel history={loads} />}
      {columns === null ? <Waiting fetched={summary} /> : <ColumnsPanel summary={columns} />}
    </>
  );
}

/** What stands where an answer is not there yet, or does not come. */
export function Waiting({ fetched }: { fetched: Fetched<unknown> }): JSX.Element {
  if (fetched.error !== null) return <ErrorNote error={fetched.error} again={fetched.again} />;
  return (
    <p class="panel waiting soft" role="status">
      Reading the files …
    </p>
  );
}

/** The same object as long as nothing in it is another: what hangs on it is drawn again only then. */
function useSteady<T>(data: T | null): T | null {
  const kept = useRef<{ data: T | null; text: string }>({ data: null, text: '' });
  const text = JSON.stringify(data);
  if (text !== kept.current.text) kept.current = { data, text };
  return kept.current.data;
}

/** Asks again from time to time while somebody looks. */
function useRefresh({ again }: Fetched<unknown>): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') again();
    }, REFRESH_MS);
    return () => {
      clearInterval(timer);
    };
  }, [again]);
}
