import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.ts';
import { mountMissing } from '../support/small-disk.ts';

const IMAGE_BYTES = 1 << 30;

// EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: from now on the file system writes nothing, not even its journal's tail.
// Node has no ioctl, and perl is where Debian is.
const SHUTDOWN =
  'open(my $d, "<", $ARGV[0]) or die; my $flags = pack("L", 2); ioctl($d, 0x8004587d, $flags) or die $!';

/** An ext4 in a file, mounted on a folder, that can lose what has not been made durable, as at a power cut. */
export class LossyDisk {
  readonly folder: string;
  readonly #home: string;
  readonly #image: string;

  constructor() {
    this.#home = mkdtempSync(join(tmpdir(), 'csv-hopper-lossy-'));
    this.#image = join(this.#home, 'image');
    this.folder = join(this.#home, 'disk');
    mkdirSync(this.folder);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, IMAGE_BYTES);
    execFileSync('mkfs.ext4', ['-q', this.#image]);
    this.#mount();
  }

  /** Makes all that is on it durable. */
  flush(): void {
    execFileSync('sync', ['-f', this.folder]);
  }

  /** The power is gone: every call on the disk fails from now on. */
  cut(): void {
    execFileSync('perl', ['-e', SHUTDOWN, this.folder]);
  }

  /** The power is back, with what was durable. Nobody may have a file of it open. */
  async restore(): Promise<void> {
    // What the kernel still has to do for a process that is dead may keep the disk busy for a moment.
    await until(
      () => spawnSync('umount', [this.folder]).status === 0,
      () => `${this.folder} cannot be unmounted.`,
    );
    this.#mount();
  }

  remove(): void {
    execFileSync('umount', ['-l', this.folder]);
    rmSync(this.#home, { recursive: true });
  }

  #mount(): void {
    execFileSync('mount', ['-o', 'loop', this.#image, this.folder]);
  }
}

/** Why there can be no such disk, or null. */
export function lossyDiskMissing(): string | null {
  const missing = mountMissing();
  if (missing !== null) return missing;
  for (const program of ['mkfs.ext4', 'perl']) {
    if (spawnSync('which', [program]).status !== 0) return `no ${program} on this machine`;
  }
  try {
    const disk = new LossyDisk();
    try {
      disk.cut();
    } finally {
      disk.remove();
    }
    return null;
  } catch (error) {
    return `a file cannot be mounted as a disk and cut off on this machine: ${String(error)}`;
  }
}
