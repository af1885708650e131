import type { Kernel } from '../kernel/kernel.ts';
import type { Storage } from '../schema/column-type.ts';
import type { Entries } from './column-batch.ts';

/** Where the kernel has the entries of a column; `offsets`: of byte arrays. */
interface EntryPlaces {
  entries: number;
  offsets: number;
}

/** How much more a view covers than there is: entries come block by block, and a view of the kernel's memory is not free. */
const SPARE = 2;

/** Views of the entries of one column, made anew only where they lie elsewhere or have grown out of the last ones. */
export class EntryViews {
  readonly #kernel: Kernel;
  readonly #storage: Storage;
  readonly #width: number;
  #last: Entries | null = null;

  /** `width`: of fixed bytes. */
  constructor(kernel: Kernel, storage: Storage, width: number) {
    this.#kernel = kernel;
    this.#storage = storage;
    this.#width = width;
  }

  /** The first `count` entries. Mostly the same object as the time before, with another count. */
  of({ entries, offsets }: EntryPlaces, count: number): Entries {
    const last = this.#last;
    if (last === null || !covers(last, entries, offsets, count)) {
      return (this.#last = this.#view(entries, offsets, count));
    }
    last.count = count;
    return last;
  }

  #view(at: number, offsetsAt: number, count: number): Entries {
    const kernel = this.#kernel;
    const storage = this.#storage;
    const room = (of: number, bytesEach: number, from = at): number =>
      Math.min(SPARE * of, Math.floor((kernel.bytes - from) / bytesEach));
    switch (storage) {
      case 'boolean':
        return { storage, count, values: kernel.bytesAt(at, room(count, 1)) };
      case 'int32':
        return { storage, count, values: kernel.int32At(at, room(count, 4)) };
      case 'int64':
        return { storage, count, values: kernel.int64At(at, room(count, 8)) };
      case 'float':
        return { storage, count, values: kernel.float32At(at, room(count, 4)) };
      case 'double':
        return { storage, count, values: kernel.float64At(at, room(count, 8)) };
      case 'bytes': {
        if (count === 0) {
          return { storage, count, bytes: new Uint8Array(0), offsets: new Int32Array(1) };
        }
        const offsets = kernel.int32At(offsetsAt, room(count + 1, 4, offsetsAt));
        return { storage, count, bytes: kernel.bytesAt(at, room(offsets[count]!, 1)), offsets };
      }
      case 'fixed': {
        const width = this.#width;
        return { storage, count, bytes: kernel.bytesAt(at, room(count * width, 1)), width };
      }
    }
  }
}

function covers(last: Entries, at: number, offsetsAt: number, count: number): boolean {
  switch (last.storage) {
    case 'bytes': {
      const { bytes, offsets } = last;
      const isThere = bytes.byteOffset === at && offsets.byteOffset === offsetsAt;
      return isThere && offsets.length > count && bytes.length >= offsets[count]!;
    }
    case 'fixed':
      return last.bytes.byteOffset === at && last.bytes.length >= count * last.width;
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float':
    case 'double':
      return last.values.byteOffset === at && last.values.length >= count;
  }
}
