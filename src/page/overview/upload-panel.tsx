import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionData } from '../../serve/page-data.ts';
import { count, formatBytes } from '../format.ts';
import { MarkText } from '../mark-text.tsx';
import { placeUrl } from '../place.ts';
import type { Mark } from '../words.ts';
import { type UploadItem, UploadQueue } from './upload-queue.ts';

const marks: Readonly<Record<UploadItem['state'], Mark>> = {
  waiting: { text: 'Next', tone: '' },
  sending: { text: 'Sending', tone: 'accent' },
  done: { text: 'Sent', tone: 'good' },
  refused: { text: 'Not taken', tone: 'bad' },
};

interface UploadPanelProps {
  session: SessionData;
  /** Something was uploaded. */
  onUploaded: () => void;
}

/** Takes files that are dropped anywhere on the page, or picked. They go the way of any file in the input folder. */
export function UploadPanel({ session, onUploaded }: UploadPanelProps): JSX.Element {
  const [items, setItems] = useState<readonly UploadItem[]>([]);
  const queue = useRef<UploadQueue>(null);
  queue.current ??= new UploadQueue(setItems);
  const { current: uploads } = queue;
  const isOver = useDrop((files) => {
    uploads.add(files);
  });
  const done = items.filter(({ state }) => state === 'done').length;
  const ended = items.filter(({ state }) => state === 'done' || state === 'refused').length;
  useEffect(() => {
    if (done > 0) onUploaded();
  }, [done]);
  const patterns = session.datasets.map(({ match }) => match).join(', ');
  return (
    <section class="panel" aria-labelledby="upload-title">
      <h2 id="upload-title">Upload</h2>
      <div class={`drop ${isOver ? 'over' : ''}`}>
        <p>Drop files here, or</p>
        <label class="button">
          choose files
          <input
            type="file"
            multiple
            class="hidden-text"
            onChange={({ currentTarget }) => {
              uploads.add(currentTarget.files ?? []);
              currentTarget.value = '';
            }}
          />
        </label>
        <p class="soft">
          {patterns}, up to {formatBytes(session.uploadBytesMax)}
        </p>
      </div>
      <p class="hidden-text" role="status">
        {items.length === 0 ? '' : `${ended} of ${count(items.length, 'file')} sent`}
      </p>
      {items.length === 0 ? null : (
        <>
          <ul class="rows">
            {items.map((item) => (
              <Item key={item.id} item={item} />
            ))}
          </ul>
          {ended === items.length ? (
            <div class="buttons">
              <button
                type="button"
                onClick={() => {
                  uploads.clear();
                }}
              >
                Clear
              </button>
            </div>
          ) : null}
        </>
      )}
    </section>
  );
}

function Item({ item: { file, state, sent, uploaded, error } }: { item: UploadItem }): JSX.Element {
  return (
    <li>
      <MarkText mark={marks[state]} />
      <span class="name">
        {uploaded === null ? (
          file.name
        ) : (
          <a href={placeUrl(['file', uploaded.loadId])}>{file.name}</a>
        )}
      </span>
      <span class="soft">{formatBytes(file.size)}</span>
      {state === 'sending' ? <progress value={sent} aria-label={`${file.name}, sent`} /> : null}
      {error === null ? null : (
        <span class="more" role="alert">
          {error.message} {error.hint}
        </span>
      )}
    </li>
  );
}

/** Hears of files that are dropped on the page, which a browser would leave it for; true while some are held over it. */
function useDrop(onFiles: (files: FileList) => void): boolean {
  const [isOver, setOver] = useState(false);
  const last = useRef(onFiles);
  last.current = onFiles;
  useEffect(() => {
    const end = new AbortController();
    const listen = (name: 'dragover' | 'dragleave' | 'drop', hear: (event: DragEvent) => void) => {
      document.addEventListener(name, hear, { signal: end.signal });
    };
    listen('dragover', (event) => {
      event.preventDefault();
      setOver(event.dataTransfer?.types.includes('Files') === true);
    });
    listen('dragleave', ({ relatedTarget }) => {
      if (relatedTarget === null) setOver(false);
    });
    listen('drop', (event) => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer !== null) last.current(event.dataTransfer.files);
    });
    return () => {
      end.abort();
    };
  }, []);
  return isOver;
}
