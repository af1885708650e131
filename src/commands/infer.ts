import { closeSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { counted } from '../core/counted.ts';
import type { EncodingName } from '../core/encoding-name.ts';
import { environmentError, systemCode } from '../core/environment-error.ts';
import { exists } from '../core/exists.ts';
import { visibleText } from '../core/visible-text.ts';
import { HopperError } from '../errors/hopper-error.ts';
import { datasetNames } from '../infer/dataset-name.ts';
import { draftSchema } from '../infer/draft-schema.ts';
import { type FileProfile, profileFile } from '../infer/profile-file.ts';
import { type RenderedDraft, renderDraft } from '../infer/render-draft.ts';
import { Kernel } from '../kernel/kernel.ts';
import { wasChanged } from '../pipeline/source-state.ts';
import { type CommonOptions, DONE, FILE_FAILED, print, printError } from './command.ts';
import { openText } from './decoded-text.ts';
import { stateOfNamed } from './named-file.ts';
import { showProgress } from './progress-line.ts';

/** As the configuration has it where nothing else is set; there may be no configuration yet. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;
/** Where schema files usually are. */
const SCHEMA_FOLDER = 'schema';
/** How many problems of a file are printed. */
const PROBLEMS_SHOWN = 20;

export interface InferOptions extends CommonOptions {
  name?: string;
  delimiter?: string;
  encoding?: EncodingName;
  write?: string;
}

/**
 * `csv-hopper infer <file>`: drafts schema.yaml, schema_sql.yaml and the dataset entry. Needs neither a configuration nor a
 * database, and writes nothing unless it is told where to. DONE means that `check` accepts the file with the draft.
 */
export async function infer(file: string, options: InferOptions): Promise<number> {
  checkOptions(options);
  const encoding = options.encoding ?? 'utf-8';
  const profile = await readProfile(file, options.delimiter ?? null, encoding);
  const names = datasetNames(basename(file), options.name ?? null);
  const folder = options.write ?? SCHEMA_FOLDER;
  const draft = renderDraft(basename(file), folder, names, profile, draftSchema(profile), encoding);
  if (options.write === undefined) printSchemas(draft);
  else await writeSchemas(draft, options.write);
  print(
    `# --- ${options.config}, under datasets: before any entry that takes such files too, because the first one takes them`,
    ...draft.entry,
  );
  return reportProblems(file, profile);
}

function checkOptions({ name, delimiter, write }: InferOptions): void {
  if (name !== undefined && !/^[a-z_][a-z0-9_]{0,63}$/i.test(name)) {
    throw new HopperError('usage_invalid', {
      message:
        'The name of a dataset has 1 to 64 letters, digits and underscores and does not begin with a digit.',
      hint: 'Give another --name.',
    });
  }
  if (delimiter !== undefined && !/^[^\r\n\0"]+$/.test(delimiter)) {
    throw new HopperError('usage_invalid', {
      message: 'A delimiter is one or several characters, no line end and no quote among them.',
      hint: 'Give --delimiter comma, semicolon, tab or pipe, or the characters themselves.',
    });
  }
  if (write === '') {
    throw new HopperError('usage_invalid', {
      message: '--write needs a folder.',
      hint: 'Such as --write schema.',
    });
  }
}

async function readProfile(
  file: string,
  delimiter: string | null,
  encoding: EncodingName,
): Promise<FileProfile> {
  const before = await stateOfNamed(file);
  const { fd, bytes: textBytes } = await openText(file, encoding);
  let percent = 0;
  const progress = showProgress((seconds) => `reading ${file}, ${percent} %, ${seconds} s`);
  const source = {
    fd,
    bytes: textBytes,
    lineBytesMax: LINE_BYTES_MAX,
    kernel: new Kernel(),
    onProgress: (bytes: number) => {
      percent = Math.floor((100 * bytes) / textBytes);
    },
  };
  try {
    const profile = await profileFile(source, delimiter);
    if (await wasChanged(file, before)) {
      throw new HopperError('source_changed', { details: { source: file } });
    }
    return profile;
  } finally {
    progress.end();
    closeSync(fd);
  }
}

function printSchemas({ schema, table }: RenderedDraft): void {
  for (const { path, lines } of [schema, table]) print(`# --- ${path}`, ...lines, '');
}

/** Writes both files or none, and over nothing. */
async function writeSchemas({ schema, table }: RenderedDraft, folder: string): Promise<void> {
  const files = [schema, table];
  await makeFolder(folder);
  for (const { path } of files) if (await exists(path)) throw isThere(path);
  const written: string[] = [];
  try {
    for (const { path, lines } of files) {
      // Not over a file that has come meanwhile either.
      const handle = await open(path, 'wx');
      written.push(path);
      await handle
        .writeFile(`${lines.map(visibleText).join('\n')}\n`)
        .then(() => handle.sync())
        .finally(() => handle.close());
    }
  } catch (error) {
    await Promise.all(written.map((path) => rm(path, { force: true })));
    const { path = folder } = error as NodeJS.ErrnoException;
    if (systemCode(error) === 'EEXIST') throw isThere(path);
    throw environmentError(error, `${path} cannot be written`, 'io_failed', { path });
  }
  print(...written.map((path) => `# --- ${path}: written`), '');
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST' || code === 'ENOTDIR') throw noFolder(folder);
    throw environmentError(error, `The folder ${folder} cannot be made`, 'io_failed', { folder });
  }
}

function isThere(path: string): HopperError {
  return new HopperError('usage_invalid', {
    message: `${path} is there already; nothing was written.`,
    hint: `Give another --name, or another folder than ${dirname(path)}.`,
  });
}

function noFolder(path: string): HopperError {
  return new HopperError('usage_invalid', {
    message: `${path} is not a folder.`,
    hint: 'Give --write the folder of the schema files.',
  });
}

/** The problems go to standard error, so that the draft can go into a file. */
function reportProblems(file: string, { problems }: FileProfile): number {
  if (problems.total === 0) return DONE;
  const count = counted(problems.total, 'problem');
  const lines = problems.items.slice(0, PROBLEMS_SHOWN).map(({ line, message, hint }) => {
    return `        ${line === 0 ? '' : `line ${line}: `}${message} ${hint}`;
  });
  const more = problems.total - lines.length;
  if (more > 0) lines.push(`        and ${more} more`);
  printError(`FAILED  ${file}: ${count}; the draft is of the rest of the file.`, ...lines);
  return FILE_FAILED;
}
