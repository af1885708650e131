import type { JSX } from 'preact';
import type { FailedFile, FailedList } from '../../serve/page-data.ts';
import { count, formatBytes } from '../format.ts';
import { MarkText } from '../mark-text.tsx';
import { placeUrl } from '../place.ts';
import { TimeText } from '../time-text.tsx';

/** What people have to repair. Nothing where there is nothing. */
export function FailedFiles({ list }: { list: FailedList }): JSX.Element | null {
  const { count: all, files } = list;
  if (all === 0) return null;
  return (
    <section class="panel" aria-labelledby="failed-title">
      <h2 id="failed-title">To be repaired</h2>
      <ul class="rows">
        {files.map((file) => (
          <Failed key={file.name} file={file} />
        ))}
      </ul>
      {all > files.length ? (
        <p class="soft">and {count(all - files.length, 'more file')} in the failed folder</p>
      ) : null}
    </section>
  );
}

function Failed({ file }: { file: FailedFile }): JSX.Element {
  const { name, time, reason, kind, problemsTotal, bytes } = file;
  return (
    <li>
      <MarkText
        mark={
          kind === 'rejects'
            ? { text: 'Rejected rows', tone: 'wait' }
            : { text: 'Failed', tone: 'bad' }
        }
      />
      <span class="name">
        <a href={placeUrl(['failed', name])}>{name}</a>
      </span>
      <span class="soft">
        {time === null ? formatBytes(bytes) : <TimeText iso={time} />}
        {problemsTotal > 0 ? `, ${count(problemsTotal, 'problem')}` : ''}
      </span>
      <span class="more">{reason ?? 'It has no report.'}</span>
    </li>
  );
}
