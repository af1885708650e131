import { join } from 'node:path';
import { writeFileDurably } from '../core/durable-file.ts';
import { Journal, readJournalLines } from '../core/journal.ts';
import { unpackProfile } from '../profile/packed-profile.ts';
import type { PackedStoredProfile, StoredProfile } from '../profile/stored-profile.ts';

/** Profiles hold values of files, so only the owner may read them. */
const MODE = 0o600;

/** A journal of twice as many profiles is cut to the latest of them at the start. */
const PROFILES_KEPT = 1000;

/** Where the profiles of a dataset lie: beside its receipts. */
export function profilesPath(outputFolder: string, dataset: string): string {
  return join(outputFolder, dataset, '.profiles.jsonl');
}

/**
 * The profiles of the loads of one dataset. A profile is durable when `add` returns, which is before its load is published: so
 * what a crash interrupts is not judged a second time, against other loads than the first time. Only those of finished loads count as
 * history; whether one is, the receipts know.
 */
export class ProfileBook {
  readonly #path: string;
  readonly #journal: Journal<StoredProfile>;
  readonly #isFinished: (loadId: string) => boolean;
  readonly #endsOf: (loadId: string) => number;
  /** How many loads expectations look back. */
  readonly #last: number;
  /** The latest finished ones, and those that are not: under way, withdrawn, or taken back. Without columns where none looks back. */
  #profiles: StoredProfile[] = [];

  /** `endsOf`: how often a load was taken back or gave way so far. */
  constructor(
    path: string,
    last: number,
    isFinished: (loadId: string) => boolean,
    endsOf: (loadId: string) => number = () => 0,
  ) {
    this.#path = path;
    this.#last = last;
    this.#isFinished = isFinished;
    this.#endsOf = endsOf;
    this.#journal = new Journal(path, MODE);
  }

  async open(): Promise<void> {
    let count = 0;
    for await (const profile of readProfiles(this.#path)) {
      this.#enter(this.#last === 0 ? { ...profile, columns: [] } : profile);
      count++;
    }
    if (count >= 2 * PROFILES_KEPT) await this.#shorten(count);
    await this.#journal.open();
  }

  async add(profile: PackedStoredProfile): Promise<void> {
    const { columns, ...rest } = profile;
    await this.#journal.addText(`${JSON.stringify(rest).slice(0, -1)},"columns":${columns}}`);
    this.#enter({ ...rest, columns: this.#last === 0 ? [] : unpackProfile(profile).columns });
  }

  /** That of a load as it stands or is under way: not one from before it was taken back, or gave way, and came again. */
  find(loadId: string): StoredProfile | undefined {
    const found = this.#profiles.findLast((profile) => profile.loadId === loadId);
    return (found?.ends ?? 0) === this.#endsOf(loadId) ? found : undefined;
  }

  /** The latest finished loads, the latest last, but for one that may be under way again. */
  history(loadId: string | null): StoredProfile[] {
    const finished = this.#profiles.filter(
      (profile) => profile.loadId !== loadId && this.#isFinished(profile.loadId),
    );
    return finished.slice(Math.max(0, finished.length - this.#last));
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  #enter(profile: StoredProfile): void {
    const others = this.#profiles.filter(({ loadId }) => loadId !== profile.loadId);
    others.push(profile);
    const finished = others.filter(({ loadId }) => this.#isFinished(loadId));
    // One more than is looked back to, because a load is not its own history.
    const old = new Set(finished.slice(0, Math.max(0, finished.length - this.#last - 1)));
    this.#profiles = others.filter((one) => !old.has(one)).slice(-PROFILES_KEPT);
  }

  async #shorten(count: number): Promise<void> {
    const lines: string[] = [];
    for await (const profile of readProfiles(this.#path)) {
      if (count-- <= PROFILES_KEPT) lines.push(`${JSON.stringify(profile)}\n`);
    }
    await writeFileDurably(this.#path, lines.join(''), MODE);
  }
}

/** All profiles of a journal in their order. */
export async function* readProfiles(path: string): AsyncGenerator<StoredProfile> {
  for await (const line of readJournalLines(path)) {
    if ('loadId' in line && 'columns' in line) yield line as StoredProfile;
  }
}
