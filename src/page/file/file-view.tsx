import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { FileData, SessionData } from '../../serve/page-data.ts';
import { ErrorNote } from '../error-note.tsx';
import { formatBytes, formatDuration } from '../format.ts';
import { useLogLines } from '../live.ts';
import { MarkText } from '../mark-text.tsx';
import { placeUrl } from '../place.ts';
import { TimeText } from '../time-text.tsx';
import { useFetched } from '../use-fetched.ts';
import type { ViewProps } from '../views.ts';
import { fileMarks, stepText } from '../words.ts';
import { type DoneNote, FileActions } from './file-actions.tsx';
import { Problems } from './problems.tsx';
import { RowCountsTable } from './row-counts.tsx';
import { Timeline } from './timeline.tsx';

/** One file: what became of it and why, and what can be done. By its load id, or by its name in the failed folder. */
export function FileView({ place: { view, words }, session }: ViewProps): JSX.Element {
  const [word = ''] = words;
  const query = view === 'failed' ? { failed: word } : { load: word };
  const { data, error, again } = useFetched<FileData>('/api/file', query);
  const [done, setDone] = useState<DoneNote | null>(null);
  useEffect(() => {
    setDone(null);
  }, [view, word]);
  useLogLines((lines) => {
    if (lines.some(({ file, loadId }) => loadId === word || file === data?.file)) again();
  });
  const isCurrent = data !== null && (data.loadId === word || data.failed?.name === word);
  return (
    <>
      <p class="way">
        <a href="#/">Overview</a> <span aria-hidden="true">/</span> File
      </p>
      {done === null ? null : (
        <p class="note good" role="status">
          {done.message}
        </p>
      )}
      {done === null || done.staying.length === 0 ? null : <StayingLoads loads={done.staying} />}
      {error === null || (done !== null && view === 'failed') ? null : (
        <ErrorNote error={error} again={again} />
      )}
      {isCurrent && (done === null || view !== 'failed') ? (
        <Known
          data={data}
          session={session}
          onDone={(note) => {
            setDone(note);
            again();
          }}
        />
      ) : null}
    </>
  );
}

/** What an undo does not take out, in the words of the command. */
function StayingLoads({ loads }: { loads: DoneNote['staying'] }): JSX.Element {
  return (
    <div class="note wait" role="status">
      <p>
        Rows of it that were repaired stay. Where it is loaded again they are rejected again, so
        take these loads back too, or leave them out of the new reject file:
      </p>
      <ul aria-label="Loads that stay">
        {loads.map(({ loadId, file }) => (
          <li key={loadId}>
            <a href={placeUrl(['file', loadId])}>{file}</a>, load <code>{loadId}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface KnownProps {
  data: FileData;
  session: SessionData;
  onDone: (done: DoneNote) => void;
}

function Known({ data, session, onDone }: KnownProps): JSX.Element {
  const { file, state, report, load, active, timeline } = data;
  const counts = load ?? report;
  return (
    <>
      <div class="view-head">
        <h1 class="file-name">{file}</h1>
        <MarkText mark={fileMarks[state]} />
      </div>
      {report === null ? null : (
        <p class={`note ${state === 'failed' ? 'bad' : 'wait'}`}>{report.reason}</p>
      )}
      {active?.parked == null ? null : (
        <p class="note wait">
          {active.parked.reason} {active.parked.hint}
        </p>
      )}
      <FileActions data={data} session={session} onDone={onDone} />
      <Facts data={data} />
      {counts === null ? null : <RowCountsTable counts={counts} held={load === null} />}
      {report === null ? null : <Problems report={report} />}
      <Timeline lines={timeline} />
    </>
  );
}

function Facts({
  data: { dataset, loadId, load, active, failed },
}: {
  data: FileData;
}): JSX.Element {
  const bytes = load?.bytes ?? active?.bytes ?? failed?.bytes ?? null;
  const facts: [string, ComponentChildren][] = [
    ['Dataset', dataset],
    ['Step', active === null ? null : stepText(active.step)],
    ['Finished', load === null ? null : <TimeText iso={load.time} />],
    ['Failed', load !== null || failed?.time == null ? null : <TimeText iso={failed.time} />],
    ['Took', load === null ? null : formatDuration(load.durationMs)],
    ['Size', bytes === null ? null : formatBytes(bytes)],
    ['Table', load?.table],
    ['Parquet file', load === null ? null : <code>{load.parquet}</code>],
    ['Load id', loadId === null ? null : <code>{loadId}</code>],
  ];
  return (
    <dl class="facts panel">
      {facts.map(([name, value]) =>
        value === null || value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
