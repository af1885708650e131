import type { LoadFile } from '../core/load.ts';

/**
 * Small load files are held in memory, where making and removing a file for each took a quarter of the CPU time for a burst;
 * up to this size, and all together up to this size and what is being converted meanwhile.
 */
const HELD_BYTES_MAX = 256 << 10;
const ALL_HELD_BYTES_MAX = 32 << 20;

/** Keeps account of the load files that are held in memory, so that there are never too many, however long a database is away. */
export class HeldRows {
  #bytes = 0;

  /** How large a load file may be that is held from now on. */
  get bytesMax(): number {
    return this.#bytes < ALL_HELD_BYTES_MAX ? HELD_BYTES_MAX : 0;
  }

  hold(loadFiles: readonly LoadFile[]): void {
    this.#bytes += heldBytes(loadFiles);
  }

  letGo(loadFiles: readonly LoadFile[]): void {
    this.#bytes -= heldBytes(loadFiles);
  }
}

function heldBytes(loadFiles: readonly LoadFile[]): number {
  return loadFiles.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
}
