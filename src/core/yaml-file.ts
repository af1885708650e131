// Reads one YAML file in full: bytes come in, values with their line numbers go out, so that every later error can name
// the file, the line and the key.
import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { HopperError } from '../errors/hopper-error.ts';
import { systemCode } from './environment-error.ts';
import { firstThatFit } from './one-screen.ts';
import { parseYaml, YamlMistake, type YamlNode, type YamlValue } from './yaml-tree.ts';

export type YamlPath = readonly PropertyKey[];

export interface YamlProblem {
  path: YamlPath;
  message: string;
}

/** Whose file it is, which chooses the error codes `<kind>_unreadable` and `<kind>_invalid`. */
export type YamlKind = 'config' | 'schema';

export interface YamlFile {
  /** The path as it was given. */
  name: string;
  /** Null where the file holds no more than comments. */
  value: YamlValue;
  /** The line (from 1) of a key or list item; where it is missing, that of its nearest parent. */
  lineOf: (path: YamlPath) => number;
  /** The keys of a mapping in the file's order: a JavaScript object would move keys such as 2020 to the front. */
  keysOf: (path: YamlPath) => string[];
  /** The error for what is wrong in the file, first line first. */
  invalid: (problems: readonly YamlProblem[]) => HopperError;
}

const BYTES_MAX = 1024 * 1024;
const PROBLEMS_MAX = 10;

/**
 * Reads a YAML file of at most 1 MiB.
 * @throws HopperError `<kind>_unreadable` or `<kind>_invalid`
 */
export function readYamlFile(name: string, kind: YamlKind): YamlFile {
  const source = decode(name, readBytes(name, kind), kind);
  const root = parse(name, source, kind);
  return {
    name,
    value: root.value,
    lineOf: (path) => nodesOn(root, path).at(-1)!.line,
    keysOf: (path) => {
      const nodes = nodesOn(root, path);
      return nodes.length > path.length ? [...nodes.at(-1)!.children.keys()] : [];
    },
    invalid: (problems) =>
      invalid(
        name,
        kind,
        problems.map(({ path, message }) => ({ line: nodesOn(root, path).at(-1)!.line, message })),
      ),
  };
}

/** The nodes along a path as far as the file has them, the root first. */
function nodesOn(root: YamlNode, path: YamlPath): YamlNode[] {
  const nodes = [root];
  for (const key of path) {
    const child = nodes.at(-1)!.children.get(String(key));
    if (child === undefined) break;
    nodes.push(child);
  }
  return nodes;
}

function invalid(
  name: string,
  kind: YamlKind,
  problems: readonly { line: number; message: string }[],
): HopperError {
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  const lines = sorted.map(({ line, message }) => `${name}:${line}: ${message}`);
  const shown = firstThatFit(lines.slice(0, PROBLEMS_MAX), lines.length);
  return new HopperError(`${kind}_invalid`, {
    message: shown.join('\n'),
    details: { file: name, line: sorted[0]?.line ?? 1, problems: problems.length },
  });
}

function readBytes(name: string, kind: YamlKind): Buffer {
  try {
    const stats = statSync(name);
    // A FIFO would be read for ever.
    if (!stats.isFile()) {
      throw new HopperError(`${kind}_unreadable`, { message: `${name} is not a regular file.` });
    }
    if (stats.size > BYTES_MAX) {
      throw invalid(name, kind, [{ line: 1, message: 'the file is larger than 1 MiB' }]);
    }
    const bytes = readFileSync(name);
    // Comments alone leave everything at its default, which nobody means who finds a file that a power cut has emptied.
    if (bytes.length === 0) {
      const message = 'the file is empty; a crash or a full disk may have left it so';
      throw invalid(name, kind, [{ line: 1, message }]);
    }
    return bytes;
  } catch (error) {
    if (error instanceof HopperError) throw error;
    const code = systemCode(error);
    const what = code === 'ENOENT' ? 'there is no such file' : (code ?? 'unknown error');
    throw new HopperError(`${kind}_unreadable`, {
      message: `${name} cannot be read: ${what}.`,
      details: { file: name },
      cause: error,
    });
  }
}

function decode(name: string, bytes: Buffer, kind: YamlKind): string {
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  let line = 1;
  let start = 0;
  // A line feed is never part of a longer character, so the first line that is not UTF-8 by itself is the one at fault.
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
    line++;
  }
  throw invalid(name, kind, [{ line, message: 'the text is not UTF-8; save the file as UTF-8' }]);
}

function parse(name: string, source: string, kind: YamlKind): YamlNode {
  try {
    return parseYaml(source);
  } catch (error) {
    if (error instanceof YamlMistake) throw invalid(name, kind, [error]);
    throw error;
  }
}
