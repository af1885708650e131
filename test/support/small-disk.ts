import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of which a disk has none left. */
export type Shortage = 'space' | 'inodes';

/** What stays free of the space, so that the file that takes the rest does not run into the end itself. */
const SPARE_BYTES = 16_384;

/** A file system in memory, mounted on a folder, that is easily full. */
export class SmallDisk {
  readonly folder: string;
  readonly #filler: string;

  /** `size`: as mount takes it, such as `2m`. */
  constructor(folder: string, size: string, inodes = 2000) {
    mkdirSync(folder, { recursive: true });
    const options = `size=${size},nr_inodes=${inodes}`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder]);
    this.folder = folder;
    this.#filler = join(folder, '.filler');
  }

  /** Takes what is left, but for a few pages of the space, which `entirely` are taken too. */
  fill(shortage: Shortage = 'space', entirely = false): void {
    mkdirSync(this.#filler);
    try {
      if (shortage === 'inodes') {
        for (let n = 0; ; n++) writeFileSync(join(this.#filler, `${n}`), '');
      }
      writeFileSync(join(this.#filler, '0'), Buffer.alloc(this.#freeBytes() - SPARE_BYTES));
      if (entirely) takePages(join(this.#filler, '1'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  /** Gives it back. */
  free(): void {
    rmSync(this.#filler, { recursive: true, force: true });
  }

  unmount(): void {
    // Lazily, because a test that fails may have left a file open.
    execFileSync('umount', ['-l', this.folder]);
  }

  #freeBytes(): number {
    const words = ['--output=avail', '-B1', this.folder];
    const lines = execFileSync('df', words, { encoding: 'utf8' }).trim().split('\n');
    return Number(lines.at(-1));
  }
}

/** Writes until there is nothing left. */
function takePages(path: string): void {
  const descriptor = openSync(path, 'a');
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(512));
  } finally {
    closeSync(descriptor);
  }
}

/** Why no file system can be mounted, or null. */
export function mountMissing(): string | null {
  if (process.getuid?.() !== 0) return 'only root may mount';
  const folder = mkdtempSync(join(tmpdir(), 'csv-hopper-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'none', folder]).status === 0;
  if (mounted) execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mounted ? null : 'file systems may not be mounted';
}
