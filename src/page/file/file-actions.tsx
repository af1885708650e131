import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { suffices } from '../../core/role.ts';
import type { FileData, RetriedData, SessionData, UndoneData } from '../../serve/page-data.ts';
import { apiUrl, postJson } from '../api.ts';
import { ConfirmDialog } from '../confirm-dialog.tsx';
import { count } from '../format.ts';
import { TimeText } from '../time-text.tsx';

const downloadTitles = {
  file: 'Download the file',
  report: 'Report (JSON)',
  page: 'Report (page)',
} as const;

/** What is said of something that was done. */
export interface DoneNote {
  message: string;
  /** Loads of repaired rows that an undo has left where they are. */
  staying: UndoneData['repairedBy'];
}

interface FileActionsProps {
  data: FileData;
  session: SessionData;
  /** Something was done, and what there is to see is another. */
  onDone: (done: DoneNote) => void;
}

/** What can be done with a file, by whom it may be done. */
export function FileActions({ data, session, onDone }: FileActionsProps): JSX.Element | null {
  const [asked, setAsked] = useState<'retry' | 'undo' | null>(null);
  const { failed, load, downloads } = data;
  const isOperator = suffices(session.role, 'operator');
  const canRetry = isOperator && failed !== null;
  const canUndo = isOperator && (load?.state === 'loaded' || load?.state === 'diverted');
  const close = (): void => {
    setAsked(null);
  };
  if (!canRetry && !canUndo && downloads.length === 0) return null;
  return (
    <div class="buttons">
      {canRetry ? (
        <button
          type="button"
          class="main"
          onClick={() => {
            setAsked('retry');
          }}
        >
          Try again
        </button>
      ) : null}
      {failed === null
        ? null
        : downloads.map((part) => (
            <a
              key={part}
              class="button"
              href={apiUrl('/api/download', { name: failed.name, part })}
              download
            >
              {part === 'file' && failed.kind === 'rejects'
                ? 'Download the rejected rows'
                : downloadTitles[part]}
            </a>
          ))}
      {canUndo ? (
        <button
          type="button"
          class="harm"
          onClick={() => {
            setAsked('undo');
          }}
        >
          Take this load back
        </button>
      ) : null}
      {asked === 'retry' && failed !== null ? (
        <RetryDialog data={data} name={failed.name} onClose={close} onDone={onDone} />
      ) : null}
      {asked === 'undo' && load !== null ? (
        <UndoDialog load={load} onClose={close} onDone={onDone} />
      ) : null}
    </div>
  );
}

interface DialogProps {
  onClose: () => void;
  onDone: (done: DoneNote) => void;
}

function RetryDialog({
  data: { overtakes },
  name,
  onClose,
  onDone,
}: DialogProps & { data: FileData; name: string }): JSX.Element {
  const retry = async (): Promise<void> => {
    const overtaking = overtakes !== null;
    const retried = await postJson<RetriedData>('/api/retry', { name, overtaking });
    onDone({ message: `${name} is back in the input folder as ${retried.name}.`, staying: [] });
  };
  return (
    <ConfirmDialog
      title={`Try ${name} again?`}
      action="Try again"
      onConfirm={retry}
      onClose={onClose}
    >
      <p>
        It goes back into the input folder as it lies in the failed folder now, and its report is
        taken away. Unless somebody has repaired it there, or changed the schema, it fails once
        more.
      </p>
      {overtakes === null ? null : (
        <p class="note wait">
          {overtakes.file} was loaded since (<TimeText iso={overtakes.time} />
          ): the older values of this file would come over those.
        </p>
      )}
    </ConfirmDialog>
  );
}

function UndoDialog({
  load: { loadId, file, rowsAccepted, table },
  onClose,
  onDone,
}: DialogProps & { load: NonNullable<FileData['load']> }): JSX.Element {
  const undo = async (): Promise<void> => {
    const { rows, repairedBy } = await postJson<UndoneData>('/api/undo', { loadId });
    onDone({ message: `${file}: ${count(rows, 'row')} taken back.`, staying: repairedBy });
  };
  return (
    <ConfirmDialog
      title={`Take ${file} back?`}
      action="Take it back"
      isHarmful
      onConfirm={undo}
      onClose={onClose}
    >
      <p>
        Its {count(rowsAccepted, 'row is', 'rows are')} deleted from{' '}
        {table === null ? 'the Parquet files' : `table ${table} and the Parquet files`}. Its source
        stays in the archive, and is loaded again if somebody drops it again.
      </p>
    </ConfirmDialog>
  );
}
