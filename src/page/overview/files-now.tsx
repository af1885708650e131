import type { JSX } from 'preact';
import type { ActiveFile, FileList, StateData } from '../../serve/page-data.ts';
import { count, formatBytes } from '../format.ts';
import { MarkText } from '../mark-text.tsx';
import { placeUrl } from '../place.ts';
import { TimeText } from '../time-text.tsx';
import { fileMarks, stepText } from '../words.ts';

/** The files that have not ended: in the input folder, at work, parked. Nothing where there are none. */
export function FilesNow({ state }: { state: StateData }): JSX.Element | null {
  const { waiting, running, parked, left } = state;
  const all = waiting.count + running.count + parked.count + left.count;
  if (all === 0) return null;
  const shown =
    waiting.files.length + running.files.length + parked.files.length + left.files.length;
  return (
    <section class="panel" aria-labelledby="now-title">
      <h2 id="now-title">Now</h2>
      <ul class="rows">
        {parked.files.map((file) => (
          <Active key={keyOf(file)} file={file} kind="parked" />
        ))}
        {running.files.map((file) => (
          <Active key={keyOf(file)} file={file} kind="running" />
        ))}
        {waiting.files.map(({ file, bytes, since }) => (
          <li key={`waiting ${file}`}>
            <MarkText mark={fileMarks.waiting} />
            <span class="name">{file}</span>
            <span class="soft">
              {formatBytes(bytes)}, since <TimeText iso={since} />
            </span>
          </li>
        ))}
        {left.files.map(({ file, reason }) => (
          <li key={`left ${file}`}>
            <MarkText mark={{ text: 'Left there', tone: 'wait' }} />
            <span class="name">{file}</span>
            <span class="soft">{reason}</span>
          </li>
        ))}
      </ul>
      {all > shown ? <p class="soft">and {count(all - shown, 'more file')}</p> : null}
    </section>
  );
}

function Active({
  file: { file, loadId, step, since, parked },
  kind,
}: {
  file: ActiveFile;
  kind: 'running' | 'parked';
}): JSX.Element {
  return (
    <li>
      <MarkText mark={fileMarks[kind]} />
      <span class="name">
        {loadId === null ? file : <a href={placeUrl(['file', loadId])}>{file}</a>}
      </span>
      <span class="soft">
        {parked === null ? stepText(step) : `${parked.reason} ${parked.hint}`}, since{' '}
        <TimeText iso={parked?.since ?? since} />
      </span>
    </li>
  );
}

function keyOf({ file, loadId }: FileList<ActiveFile>['files'][number]): string {
  return `active ${loadId ?? file}`;
}
