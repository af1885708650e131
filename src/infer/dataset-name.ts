import { basename, extname } from 'node:path';
import { containerOf, withoutContainer } from '../core/container-name.ts';

const LENGTH_MAX = 64;
/** Numbers, dates and times at the end of a name, and what stands between them: `_2024-05-01T0600Z`, ` (2)`. */
const ending = /[-_. ([]*\d[-_. ()\]\dTZ]*$/i;

/** What a dataset takes from the name of a file. */
export interface DatasetNames {
  /** Of the dataset and its table. */
  name: string;
  /** A glob for this file and the next ones. */
  match: string;
}

/** Draws up a dataset's name and glob from a file name, without the number or date at its end, and without that of a container. */
export function datasetNames(file: string, given: string | null): DatasetNames {
  const inside = withoutContainer(file);
  // What a file manager packs has no extension any more.
  const isBare = extname(inside) === '' && containerOf(file) === 'zip';
  const extension = isBare ? '.csv' : extname(inside);
  const stem = basename(inside, extension).replace(ending, '');
  // A question mark, which is any character, in place of each sign that means something in a glob.
  const literally = (text: string): string => text.replaceAll(/[!-+/:-@[-^`{-~]/g, '?');
  return {
    name: given ?? tableName(stem),
    match: `${literally(stem)}*${literally(extension)}`,
  };
}

/** Letters with accents lose these; what is no letter, digit or underscore becomes one underscore. */
function tableName(stem: string): string {
  const words = stem
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  if (words === '') return 'data';
  return (/^\d/.test(words) ? `t_${words}` : words).slice(0, LENGTH_MAX).replace(/_+$/, '');
}
