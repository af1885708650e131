import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type {
  FailedList,
  LoadPage,
  SessionData,
  StateData,
  UploadReceipt,
} from '../../serve/page-data.ts';
import { suffices } from '../../core/role.ts';
import { ErrorNote } from '../error-note.tsx';
import { useLive } from '../live.ts';
import { MarkText } from '../mark-text.tsx';
import { useFetched } from '../use-fetched.ts';
import { useSlowed } from '../use-slowed.ts';
import type { ViewProps } from '../views.ts';
import { statusMarks } from '../words.ts';
import { FailedFiles } from './failed-files.tsx';
import { FilesNow } from './files-now.tsx';
import { LoadList } from './load-list.tsx';
import { OwnUploads } from './own-uploads.tsx';
import { Reasons } from './reasons.tsx';
import { StateTiles } from './state-tiles.tsx';
import { ThroughputChart } from './throughput-chart.tsx';
import { UploadPanel } from './upload-panel.tsx';

/** In a burst of files the lists are asked for no more often than this. */
const SLOWED_MS = 1500;

/** How things stand, what is to be done, and what was done. */
export function OverviewView({ session }: ViewProps): JSX.Element {
  const { state } = useLive();
  const [uploads, setUploads] = useState(0);
  const changes = useSlowed((state?.changes ?? 0) + uploads, SLOWED_MS);
  const isSender = suffices(session.role, 'sender');
  const failed = useFetched<FailedList>('/api/failed', { changes, failed: state?.failed ?? 0 });
  const loads = useFetched<LoadPage>('/api/loads', { changes });
  const own = useFetched<UploadReceipt[]>(isSender ? '/api/uploads' : null, {
    ...{ changes, idle: String(state !== null && isIdle(state)) },
  });
  const isFirstVisit =
    state !== null && loads.data?.total === 0 && failed.data?.count === 0 && isIdle(state);
  return (
    <>
      <div class="view-head">
        <h1>Overview</h1>
        {state === null ? null : <MarkText mark={statusMarks[state.status]} />}
      </div>
      {state === null ? null : <Reasons state={state} />}
      {state === null ? <div class="tiles-room" /> : <StateTiles state={state} session={session} />}
      {failed.error === null ? null : <ErrorNote error={failed.error} again={failed.again} />}
      {isFirstVisit ? <FirstVisit session={session} /> : null}
      <div class="columns">
        <div>
          {failed.data === null ? null : <FailedFiles list={failed.data} />}
          {state === null ? null : <FilesNow state={state} />}
          {isFirstVisit ? null : <ThroughputChart changes={changes} />}
        </div>
        {isSender ? (
          <div class="side">
            <UploadPanel
              session={session}
              onUploaded={() => {
                setUploads((n) => n + 1);
              }}
            />
            <OwnUploads uploads={own.data ?? []} />
          </div>
        ) : null}
      </div>
      {isFirstVisit ? null : <LoadList session={session} changes={changes} />}
    </>
  );
}

function isIdle({ waiting, running, parked, left }: StateData): boolean {
  return [waiting, running, parked, left].every(({ count }) => count === 0);
}

/** What somebody sees who has just installed it. */
function FirstVisit({ session }: { session: SessionData }): JSX.Element {
  const [first] = session.datasets;
  return (
    <section class="panel empty">
      <h2>No file has come yet</h2>
      <p>
        Put a CSV file into <code>{session.inputFolder}</code>
        {first === undefined ? null : (
          <>
            , under a name such as <code>{first.match}</code>
          </>
        )}
        . It shows up here within a second or two, with every row accounted for.
      </p>
      {suffices(session.role, 'sender') ? null : (
        <p>
          To upload files from this page, somebody with access to the configuration gives you the
          role <code>sender</code>, or <code>operator</code>, under <code>serve</code>.
        </p>
      )}
    </section>
  );
}
