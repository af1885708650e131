import type { JSX } from 'preact';
import type { UploadReceipt } from '../../serve/page-data.ts';
import { count } from '../format.ts';
import { MarkText } from '../mark-text.tsx';
import { placeUrl } from '../place.ts';
import { TimeText } from '../time-text.tsx';
import { fileMarks } from '../words.ts';

/** What has become of the files that the reader has uploaded. Nothing where there are none. */
export function OwnUploads({ uploads }: { uploads: readonly UploadReceipt[] }): JSX.Element | null {
  if (uploads.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="own-title">
      <h2 id="own-title">Your uploads</h2>
      <ul class="rows">
        {uploads.map((upload) => (
          <Receipt key={`${upload.time} ${upload.file}`} upload={upload} />
        ))}
      </ul>
    </section>
  );
}

function Receipt({ upload }: { upload: UploadReceipt }): JSX.Element {
  const { file, loadId, verdict, time, rowsAccepted, reason, failedName } = upload;
  const isFailed = verdict === 'failed' && failedName !== null;
  return (
    <li>
      <MarkText mark={fileMarks[verdict]} />
      <span class="name">
        <a href={isFailed ? placeUrl(['failed', failedName]) : placeUrl(['file', loadId])}>
          {file}
        </a>
      </span>
      <span class="soft">
        <TimeText iso={time} />
        {rowsAccepted === null ? '' : `, ${count(rowsAccepted, 'row')}`}
      </span>
      {reason === null ? null : <span class="more">{reason}</span>}
    </li>
  );
}
