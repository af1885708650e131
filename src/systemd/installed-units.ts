import { lstat, mkdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from '../core/durable-file.ts';
import { environmentError, systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { isOurs, type UnitFile } from './unit-file.ts';

/** Where `systemctl enable` puts its links to our units. */
const targets = ['multi-user', 'default', 'timers'].map((target) => `${target}.target.wants`);

export interface Written {
  path: string;
  what: 'written' | 'changed' | 'unchanged';
}

/**
 * Writes units into a folder; those that are there as they should be stay untouched. A unit that is not ours, or one of `others` that is
 * ours, is refused before anything is written. Throws usage_invalid and environment errors.
 */
export async function installUnits(
  folder: string,
  units: readonly UnitFile[],
  others: readonly string[],
): Promise<Written[]> {
  const before = await Promise.all(units.map(({ name }) => readUnit(join(folder, name))));
  for (const [index, { name, text: wanted }] of units.entries()) {
    const text = before[index];
    if (typeof text !== 'string') continue;
    if (!isOurs(text)) throw foreign(join(folder, name));
    if (configurationOf(text) !== configurationOf(wanted)) {
      throw new HopperError('usage_invalid', {
        message: `${join(folder, name)} is that of another configuration; nothing was changed.`,
        hint: 'Give another --name, or run csv-hopper service uninstall first.',
      });
    }
  }
  for (const name of others) {
    const text = await readUnit(join(folder, name));
    if (text === null || !isOurs(text)) continue;
    throw new HopperError('usage_invalid', {
      message: `${join(folder, name)} is installed; two at work on one input folder would be in one another's way.`,
      hint: 'Run csv-hopper service uninstall first, or give another --name for another configuration.',
    });
  }
  return orEnvironmentError(folder, async () => {
    await mkdir(folder, { recursive: true });
    const written: Written[] = [];
    for (const [index, { name, text }] of units.entries()) {
      const path = join(folder, name);
      const former = before[index];
      if (former !== text) await writeFileDurably(path, text, 0o644);
      const what = former === text ? 'unchanged' : former === null ? 'written' : 'changed';
      written.push({ path, what });
    }
    return written;
  });
}

/** Removes those units that are there, with the links that enable them; gives their paths. Throws as installUnits does. */
export async function removeUnits(folder: string, names: readonly string[]): Promise<string[]> {
  const there: string[] = [];
  for (const name of names) {
    const text = await readUnit(join(folder, name));
    if (text === null) continue;
    if (!isOurs(text)) throw foreign(join(folder, name));
    there.push(name);
  }
  return orEnvironmentError(folder, async () => {
    for (const name of there) {
      // First the links: one that leads nowhere would be told of at each start of the machine.
      for (const target of targets)
        await removeLink(join(folder, target, name), join(folder, name));
      await rm(join(folder, name));
    }
    return there.map((name) => join(folder, name));
  });
}

/** The configuration that a unit runs with, as it stands in its command. */
function configurationOf(text: string): string {
  return /^ExecStart=.* --config (.*)$/m.exec(text)?.[1] ?? '';
}

/** Null where there is none. */
export async function readUnit(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw environmentError(error, `${path} cannot be read`, 'folder_unusable', { path });
  }
}

async function removeLink(path: string, target: string): Promise<void> {
  try {
    if ((await lstat(path)).isSymbolicLink() && (await readlink(path)) === target) await rm(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

async function orEnvironmentError<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const system = systemCode(error);
    if (system === undefined) throw error;
    throw new HopperError('folder_unusable', {
      message: `The units cannot be changed in ${folder}: ${system}.`,
      hint: 'Run it as root, or name another folder with --dir.',
      details: { folder, system },
      cause: error,
    });
  }
}

function foreign(path: string): HopperError {
  return new HopperError('usage_invalid', {
    message: `${path} was not made by csv-hopper service install; nothing was changed.`,
    hint: 'Move it away, or give another --name.',
  });
}
