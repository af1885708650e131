import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { DatasetJson, PlotJson, SummaryJson, TableJson } from '../../core/explorer-data.ts';
import { postJson } from '../api.ts';
import { ErrorNote } from '../error-note.tsx';
import { formatDuration } from '../format.ts';
import { placeUrl } from '../place.ts';
import { useFetched } from '../use-fetched.ts';
import type { ViewProps } from '../views.ts';
import { fits, plotText, readPlot, suggestPlot } from './chart.ts';
import { ChartChooser } from './chart-chooser.tsx';
import { DownloadForm } from './download-form.tsx';
import { ResultPlot } from './result-plot.tsx';
import { ResultTable } from './result-table.tsx';

interface Run {
  sql: string;
  table: TableJson | null;
  error: unknown;
  tookMs: number | null;
}

/** SQL over the datasets: `#/sql?q=SELECT…&plot=bar,city,orders`. The address has what was run, so a link shares it. */
export function SqlView({ place }: ViewProps): JSX.Element {
  const wanted = place.query.get('q') ?? '';
  const [sql, setSql] = useState(wanted);
  const [run, setRun] = useState<Run | null>(null);
  const editor = useRef<HTMLTextAreaElement>(null);
  const [turn, setTurn] = useState(0);
  // Each step back or forth in the browser's history runs what it has.
  useEffect(() => {
    setSql(wanted);
    if (wanted.trim() === '') {
      setRun(null);
      return;
    }
    return begin(wanted, setRun);
  }, [wanted, turn]);
  const start = (): void => {
    const text = (editor.current?.value ?? sql).trim();
    if (text === '') return;
    if (text === wanted) setTurn(turn + 1);
    else location.hash = placeUrl(['sql'], { q: text });
  };
  const insert = (text: string): void => {
    const element = editor.current;
    if (element === null) return;
    element.setRangeText(text, element.selectionStart, element.selectionEnd, 'end');
    setSql(element.value);
    element.focus();
  };
  const isRunning = run !== null && run.tookMs === null;
  return (
    <>
      <h1>SQL</h1>
      <div class="workbench">
        <section class="panel" aria-label="Query">
          <label class="hidden-text" for="sql">
            SQL
          </label>
          <textarea
            {...{ id: 'sql', class: 'sql', ref: editor, value: sql, spellcheck: false }}
            rows={Math.max(6, Math.min(18, sql.split('\n').length + 1))}
            placeholder="SELECT city, COUNT(*) AS orders FROM … GROUP BY city"
            aria-describedby="sql-keys"
            onInput={(event) => {
              setSql(event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
              event.preventDefault();
              start();
            }}
          />
          <div class="actions">
            <button
              type="button"
              class="main"
              disabled={isRunning || sql.trim() === ''}
              onClick={start}
            >
              {isRunning ? 'Running …' : 'Run'}
            </button>
            <span id="sql-keys" class="soft small">
              Ctrl + Enter runs it. It only reads; each dataset is a table.
            </span>
          </div>
        </section>
        <Tables onChoose={insert} />
      </div>
      <div aria-live="polite">
        {run === null ? null : (
          <Outcome key={run.sql} run={run} plotInAddress={place.query.get('plot')} />
        )}
      </div>
    </>
  );
}

/** Runs a query; the returned function has its answer thrown away. */
function begin(sql: string, show: (run: Run) => void): () => void {
  const end = new AbortController();
  const startedMs = performance.now();
  show({ sql, table: null, error: null, tookMs: null });
  const finish = (table: TableJson | null, error: unknown): void => {
    if (!end.signal.aborted) {
      show({ sql, table, error, tookMs: Math.round(performance.now() - startedMs) });
    }
  };
  postJson<TableJson>('/api/data/query', { sql }, end.signal).then(
    (table) => {
      finish(table, null);
    },
    (error: unknown) => {
      finish(null, error);
    },
  );
  return () => {
    end.abort();
  };
}

function Outcome({
  run: { sql, table, error, tookMs },
  plotInAddress,
}: {
  run: Run;
  plotInAddress: string | null;
}): JSX.Element | null {
  const [chosen, setChosen] = useState<PlotJson | null | undefined>(
    plotInAddress === null ? undefined : readPlot(plotInAddress),
  );
  if (error !== null) return <ErrorNote error={error} />;
  if (table === null) return null;
  const plot = chosen === undefined ? suggestPlot(table) : chosen;
  const choose = (next: PlotJson | null): void => {
    setChosen(next);
    const words = next === null ? 'none' : plotText(next);
    // Without a step in the history, which is one of queries.
    history.replaceState(null, '', placeUrl(['sql'], { q: sql, plot: words }));
  };
  return (
    <section class="panel" aria-label="Result">
      <header class="actions">
        <ChartChooser table={table} plot={plot} onChange={choose} />
        <span class="soft small">{tookMs === null ? null : formatDuration(tookMs)}</span>
        <DownloadForm sql={sql} name="result" canChoose />
      </header>
      {plot !== null && fits(plot, table) ? (
        <div class="drawn">
          <ResultPlot table={table} plot={plot} title="The result" />
        </div>
      ) : null}
      <ResultTable table={table} name="The result" canDownload />
    </section>
  );
}

/** The tables and, of the one that is opened, the columns; each is put where the cursor is. */
function Tables({ onChoose }: { onChoose: (text: string) => void }): JSX.Element {
  const list = useFetched<DatasetJson[]>('/api/data');
  return (
    <aside class="panel tables" aria-label="Tables">
      <h2>Tables</h2>
      {list.data?.map(({ name }) => (
        <TableEntry key={name} name={name} isOpen={list.data?.length === 1} onChoose={onChoose} />
      ))}
    </aside>
  );
}

function TableEntry({
  name,
  isOpen: isOpenAtFirst,
  onChoose,
}: {
  name: string;
  isOpen: boolean;
  onChoose: (text: string) => void;
}): JSX.Element {
  const [isOpen, setIsOpen] = useState(isOpenAtFirst);
  const summary = useFetched<SummaryJson>(isOpen ? '/api/data/summary' : null, { name });
  return (
    <details
      open={isOpen}
      onToggle={(event) => {
        setIsOpen(event.currentTarget.open);
      }}
    >
      <summary>{name}</summary>
      <ul>
        {[{ name, type: 'all of it' }, ...(summary.data?.columns ?? [])].map((column, i) => (
          <li key={i}>
            <button
              type="button"
              class="plain"
              onClick={() => {
                onChoose(quoted(column.name));
              }}
            >
              {column.name}
              <span class="type">{column.type}</span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A name as SQL has it. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
