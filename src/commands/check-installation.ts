import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { counted } from '../core/counted.ts';
import type { Config, NotifyConfig, ServeConfig } from '../config/config.ts';
import { asHopperError, systemCode } from '../core/environment-error.ts';
import { hostInUrl } from '../core/listen-address.ts';
import { refuseNewerState } from '../core/state-format.ts';
import { stateFolders } from '../daemon/processing-folder.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { checkDatabase } from '../load/database-check.ts';
import { DONE, print, USAGE } from './command.ts';
import { showProgress } from './progress-line.ts';

interface Finding {
  level: 'ok' | 'warning' | 'error';
  message: string;
  /** What to do; empty where there is nothing to do. */
  hint: string;
}

/**
 * Looks at everything that the daemon will need, and prints what it finds as it goes. The exit code is USAGE where
 * something is found that has to be changed before files can be taken and loaded; a warning changes nothing of it.
 */
export async function checkInstallation(config: Config): Promise<number> {
  const counts = { ok: 0, warning: 0, error: 0 };
  const progress = showProgress((seconds) => `checking, ${seconds} s`);
  try {
    for await (const { level, message, hint } of findings(config)) {
      counts[level]++;
      progress.clear();
      print(`${level.padEnd(7)}  ${message}`);
      if (hint !== '') print(`         ${hint}`);
    }
  } finally {
    progress.end();
  }
  print(verdict(counts));
  return counts.error > 0 ? USAGE : DONE;
}

async function* findings(config: Config): AsyncGenerator<Finding> {
  yield ok(`Configuration ${config.file} is valid.`);
  for (const { name, match, columns, table } of config.datasets) {
    yield ok(
      `Dataset ${name}: files ${match}, ${counted(columns.length, 'column')}, table ${table.name}.`,
    );
  }
  const { input, output, failed, archive, receipts, logs } = config.folders;
  for (const folder of [input, output, failed, archive, receipts, logs]) {
    if (folder !== null) yield await checkFolder(folder);
  }
  yield* await checkState(config);
  if (config.notify !== null) yield ok(noticesOf(config.notify));
  if (config.serve !== null) yield ok(portOf(config.serve));
  if (config.database === null) yield ok('No database is configured, none is needed.');
  else yield* await checkDatabase(config.database, config.datasets);
}

/** Without the receiver, whose URL may be a secret. */
function noticesOf({ events, secret }: NotifyConfig): string {
  const signed = secret === null ? 'not signed' : 'signed';
  return `Notices of ${events.join(', ')} are sent, ${signed}; csv-hopper notify --test tries the receiver.`;
}

/** Without the tokens. */
function portOf({ listen, anonymous, tokens, proxy }: ServeConfig): string {
  const known = [
    ...tokens.map(({ name, role }) => `${name} (${role})`),
    ...(proxy === null ? [] : ['users of the proxy']),
    ...(anonymous === null ? [] : [`anybody on this machine (${anonymous})`]),
  ];
  return `HTTP port ${hostInUrl(listen.host)}:${listen.port} serves health to all, metrics to ${known.join(', ')}.`;
}

/** Silent where there is nothing to say, as for folders that are new. */
async function checkState(config: Config): Promise<Finding[]> {
  try {
    await refuseNewerState(stateFolders(config));
    return [];
  } catch (error) {
    const { message, hint } = asHopperError(error);
    return [{ level: 'error', message, hint }];
  }
}

/** A folder that is missing is made at start, so then its nearest parent must be writable. */
async function checkFolder(folder: string): Promise<Finding> {
  let parent = folder;
  for (;;) {
    const trouble = await troubleWith(parent);
    if (trouble === 'missing') {
      parent = dirname(parent);
      continue;
    }
    if (trouble === null) {
      return ok(`Folder ${folder} ${parent === folder ? 'can be used' : 'will be made at start'}.`);
    }
    const failed = parent === folder ? 'cannot be used' : 'cannot be made';
    return { level: 'error', message: `Folder ${folder} ${failed}: ${trouble}.`, hint: whatToDo() };
  }
}

/** Why a folder cannot be worked in; null where it can. */
async function troubleWith(folder: string): Promise<string | null> {
  try {
    if (!(await stat(folder)).isDirectory()) return `${folder} is not a folder`;
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    if (code === 'EACCES') return `no permission to read, write and enter ${folder}`;
    if (code === 'EROFS') return `${folder} is on a read-only file system`;
    return `${folder}: ${code ?? String(error)}`;
  }
}

function whatToDo(): string {
  const { hint } = new HopperError('folder_unusable');
  return `${hint} Or name another folder in the configuration.`;
}

function ok(message: string): Finding {
  return { level: 'ok', message, hint: '' };
}

function verdict({ warning, error }: { warning: number; error: number }): string {
  const warnings = warning === 0 ? [] : [counted(warning, 'warning')];
  if (error === 0) return ['ready', ...warnings].join(', ');
  return ['not ready', counted(error, 'error'), ...warnings].join(', ');
}
