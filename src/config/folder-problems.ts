import { join, relative, sep } from 'node:path';
import type { YamlProblem } from '../core/yaml-file.ts';
import type { Folders } from './config.ts';

/** Finds folders that would get in one another's way. */
export function folderProblems(folders: Folders): YamlProblem[] {
  const named = Object.entries(folders).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  const processing = join(folders.input, '.processing');
  const earlier = folders.receipts === null ? null : join(folders.receipts, 'earlier');
  return named.flatMap(([key, folder], index) => {
    const twin = named.slice(0, index).find(([, other]) => other === folder);
    const wrong =
      twin !== undefined
        ? `is the same folder as folders.${twin[0]}`
        : isInside(folder, processing)
          ? 'lies in the folder .processing of the input folder, which holds files at work'
          : key !== 'output' && isInside(folder, folders.output)
            ? 'lies in folders.output, which holds nothing but Parquet files'
            : key === 'receipts' && folders.archive !== null && isInside(folder, folders.archive)
              ? 'lies in folders.archive, where a folder of its name may be that of a dataset'
              : key !== 'receipts' && earlier !== null && isInside(folder, earlier)
                ? 'lies in the folder earlier of folders.receipts, where receipts are moved'
                : null;
    return wrong === null ? [] : [{ path: ['folders', key], message: `folders.${key} ${wrong}` }];
  });
}

function isInside(folder: string, parent: string): boolean {
  const path = relative(parent, folder);
  return path !== '..' && !path.startsWith(`..${sep}`);
}
