import { basename, join } from 'node:path';
import { fullExtension } from '../core/container-name.ts';
import { fitName } from '../core/file-name.ts';
import { type LoadIdentity, shortLoadId } from '../core/load.ts';

/** Where the source of a finished load lies in the archive: `<dataset>/<name>-<loadId8>.<extension>`. */
export function archivedPath(
  archiveFolder: string,
  { dataset, file, loadId }: Pick<LoadIdentity, 'dataset' | 'file' | 'loadId'>,
): string {
  const extension = fullExtension(file);
  const suffix = `-${shortLoadId(loadId)}${extension}`;
  return join(archiveFolder, dataset, fitName(basename(file, extension), suffix));
}
