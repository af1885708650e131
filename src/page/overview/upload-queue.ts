// Uploads one file after the other, with how far each is. A request of its own kind, because fetch does not tell of what it has sent.
import type { UploadedData } from '../../serve/page-data.ts';
import { type ApiError, apiUrl, refusalIn, unreachable } from '../api.ts';

export interface UploadItem {
  id: number;
  file: File;
  state: 'waiting' | 'sending' | 'done' | 'refused';
  /** Of its bytes, from 0 to 1. */
  sent: number;
  uploaded: UploadedData | null;
  error: ApiError | null;
}

export class UploadQueue {
  readonly #onChange: (items: readonly UploadItem[]) => void;
  #items: readonly UploadItem[] = [];
  #nextId = 1;
  #isSending = false;

  constructor(onChange: (items: readonly UploadItem[]) => void) {
    this.#onChange = onChange;
  }

  add(files: Iterable<File>): void {
    const added = Array.from(files, (file): UploadItem => ({
      ...{ id: this.#nextId++, file, state: 'waiting', sent: 0, uploaded: null, error: null },
    }));
    this.#set([...this.#items, ...added]);
    if (!this.#isSending) void this.#send();
  }

  /** Takes what has ended out of the list. */
  clear(): void {
    this.#set(this.#items.filter(({ state }) => state === 'waiting' || state === 'sending'));
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    for (;;) {
      const next = this.#items.find(({ state }) => state === 'waiting');
      if (next === undefined) break;
      this.#change(next.id, { state: 'sending' });
      try {
        const uploaded = await send(next.file, (sent) => {
          this.#change(next.id, { sent });
        });
        this.#change(next.id, { state: 'done', sent: 1, uploaded });
      } catch (error) {
        this.#change(next.id, { state: 'refused', error: error as ApiError });
      }
    }
    this.#isSending = false;
  }

  #change(id: number, part: Partial<UploadItem>): void {
    this.#set(this.#items.map((item) => (item.id === id ? { ...item, ...part } : item)));
  }

  #set(items: readonly UploadItem[]): void {
    this.#items = items;
    this.#onChange(items);
  }
}

function send(file: File, onSent: (share: number) => void): Promise<UploadedData> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', apiUrl('/api/upload', { name: file.name }));
    request.responseType = 'json';
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      onSent(total === 0 ? 1 : loaded / total);
    });
    request.addEventListener('load', () => {
      const answer: unknown = request.response;
      if (request.status === 201) resolve(answer as UploadedData);
      else reject(refusalIn(request.status, answer));
    });
    request.addEventListener('error', () => {
      reject(unreachable());
    });
    request.send(file);
  });
}
