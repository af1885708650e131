import type { ProfileRequest } from '../profile/column-tally.ts';
import { loadProfile } from '../profile/load-profile.ts';
import { packProfile } from '../profile/packed-profile.ts';
import { TallyMerger } from '../profile/tally-merger.ts';
import type { Column } from '../schema/column-type.ts';
import type { ConversionResult } from './conversion.ts';
import type { PieceResult } from './piece-result.ts';

/** The profile of a source that is converted piece by piece; nothing where none is wanted. */
export class PieceProfiles {
  readonly #columns: readonly Column[];
  readonly #request: ProfileRequest | undefined;
  #merger: TallyMerger | null = null;

  constructor(columns: readonly Column[], request: ProfileRequest | undefined) {
    this.#columns = columns;
    this.#request = request;
  }

  /** Begins with the first piece, also where all are converted once more. */
  begin(): void {
    this.#merger = this.#request === undefined ? null : new TallyMerger(this.#columns);
  }

  /** Takes out of the result of a piece what belongs to the profile: kept until the end, it would grow with the file. */
  take(piece: number, result: PieceResult): PieceResult {
    this.#merger?.add(piece, result.tallies);
    return { ...result, tallies: [] };
  }

  addTo(result: ConversionResult): ConversionResult {
    if (this.#merger === null || this.#request === undefined || result.refused) return result;
    const { rowsAccepted } = result.counts;
    const tallies = this.#merger.tallies();
    const profile = loadProfile(this.#columns, tallies, rowsAccepted, this.#request);
    return { ...result, profile: packProfile(profile) };
  }
}
