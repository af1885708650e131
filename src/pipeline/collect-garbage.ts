import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Has V8 collect the garbage of this thread, which takes some 5 ms. */
export const collectGarbage = runInNewContext('gc') as () => void;
