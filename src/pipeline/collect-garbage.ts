import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

const collectGarbage = runInNewContext('gc') as () => void;

/**
 * After so many pieces garbage is collected. Left to itself V8 lets the heap grow by 8 MB and more before it looks, because
 * what node:zlib makes for each page survives: 2 GB of students took 189 MB instead of 178 (Node 24, collected
 * before a piece then).
 */
const PIECES_TO_COLLECTION = 16;

let pieces = 0;

/**
 * Has V8 collect the garbage of this thread at each sixteenth call, which takes some 5 ms. For the end of a piece, while objects of each
 * kind that it was converted with are alive: with the last one of a kind V8 throws away the code that it has made for it, and makes it
 * anew for the next piece.
 */
export function collectNowAndThen(): void {
  if (++pieces % PIECES_TO_COLLECTION === 0) collectGarbage();
}
