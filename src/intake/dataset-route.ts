import picomatch from 'picomatch';
import { namesToMatch } from '../core/container-name.ts';
import { sourceOfRejects } from '../core/reject-name.ts';

/**
 * Tells which dataset a file name belongs to: the first, in the order of the configuration, whose `match` glob fits.
 * Letter case is ignored, so that NAME.CSV from Windows matches *.csv, and a container goes by the name of what is in it, too, so
 * that a.csv.gz does. A reject file belongs to the dataset of its source. Null where none fits.
 */
export function datasetRoute<T extends { match: string }>(
  datasets: readonly T[],
): (name: string) => T | null {
  const routes = datasets.map((dataset) => ({
    dataset,
    // i: letter case; s: its patterns begin with a dot, which would not match a line feed at the start of a name.
    matches: picomatch(dataset.match, { flags: 'is' }),
  }));
  const find = (name: string): T | null => {
    const names = namesToMatch(name);
    return routes.find(({ matches }) => names.some((each) => matches(each)))?.dataset ?? null;
  };
  return (name) => {
    const source = sourceOfRejects(name);
    return (source === null ? null : find(source)) ?? find(name);
  };
}
