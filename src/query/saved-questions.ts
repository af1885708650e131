import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../core/environment-error.ts';
import { HopperError } from '../errors/hopper-error.ts';
import type { PlotJson, QuestionJson } from '../core/explorer-data.ts';

const QUESTIONS_MAX = 200;
const QUESTION_BYTES_MAX = 64 * 1024;

/**
 * The questions in a folder: its files `*.sql`, sorted by name. The comment at the beginning of a file is its title, up to the first
 * question mark or full stop, and notes; a line `-- plot: bar x=sex y=students` among it says how its answer is drawn. A folder that is not
 * there has none. Throws a HopperError folder_unusable.
 */
export async function readQuestions(folder: string): Promise<QuestionJson[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => /^[^.].*\.sql$/s.test(name)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw new HopperError('folder_unusable', {
      message: `The folder ${folder} cannot be listed.`,
      cause: error,
    });
  }
  const found = await Promise.all(
    names.slice(0, QUESTIONS_MAX).map((name) => readQuestion(folder, name)),
  );
  return found.filter((question) => question !== null);
}

/** Null for what is no file, is too large to be a question, or cannot be read. */
async function readQuestion(folder: string, name: string): Promise<QuestionJson | null> {
  const path = join(folder, name);
  try {
    const stats = await stat(path);
    // Opening a FIFO would wait for ever.
    if (!stats.isFile() || stats.size > QUESTION_BYTES_MAX) return null;
    return parseQuestion(name.replace(/\.sql$/, ''), await readFile(path, 'utf8'));
  } catch {
    return null;
  }
}

export function parseQuestion(name: string, text: string): QuestionJson {
  // Windows' editors put a byte order mark first, which is no SQL.
  const sql = text.replace(/^\uFEFF/, '').trim();
  const comment = (/^(?:--[^\n]*(?:\n|$))*/.exec(sql)?.[0] ?? '')
    .split('\n')
    .map((line) => line.replace(/^--\s?/, '').trim());
  const plots = comment.map(parsePlot).filter((plot) => plot !== null);
  const words = comment
    .filter((line) => !isPlot(line))
    .join(' ')
    .trim();
  const [, title = words, notes = ''] = /^(.*?[?.])(?:\s+(.*))?$/s.exec(words) ?? [];
  return {
    ...{ name, title: title === '' ? name : title, notes },
    ...{ sql, plot: plots[0] ?? null },
  };
}

function isPlot(line: string): boolean {
  return /^plot:/i.test(line);
}

const kinds = ['bar', 'line', 'dot', 'tiles'] as const satisfies PlotJson['kind'][];

/** `plot: bar x=famsize y=students facet=failures`; null where it is none. */
function parsePlot(line: string): PlotJson | null {
  const [, word, rest = ''] = /^plot:\s*(\w+)\s*(.*)$/i.exec(line) ?? [];
  const kind = kinds.find((one) => one === word);
  if (kind === undefined) return null;
  const parts = new Map(
    [...rest.matchAll(/(x|y|facet)=(\S+)/g)].map(([, key = '', column = '']) => [key, column]),
  );
  const [x, y = null, facet = null] = [parts.get('x'), parts.get('y'), parts.get('facet')];
  if (x === undefined || (y === null && kind !== 'tiles')) return null;
  return { kind, x, y, facet };
}
