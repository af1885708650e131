import type * as z from 'zod';
import { nearest } from '../core/nearest.ts';
import type { YamlPath, YamlProblem } from '../core/yaml-file.ts';
import { configKeys } from './config-keys.ts';

/** Says what zod found wrong in words that fit a YAML file. Values are left out: any of them may be a secret. */
export function describeIssue(issue: z.core.$ZodIssue): YamlProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: unknownKey(issue.path, key),
    }));
  }
  const name = keyName(issue.path);
  return [
    { path: issue.path, message: `${name === '' ? 'the file' : name} ${whatIsWrong(issue)}` },
  ];
}

/** A path as people write it: `datasets[0].clean.trim`. */
function keyName(path: YamlPath): string {
  let name = '';
  for (const key of path) {
    if (typeof key === 'number') name += `[${key}]`;
    else name += name === '' ? String(key) : `.${String(key)}`;
  }
  return name;
}

function whatIsWrong(issue: z.core.$ZodIssue): string {
  if (issue.input === null) return 'is empty: give it a value, or take the key out';
  if (issue.code === 'invalid_type') {
    return issue.input === undefined ? 'is missing' : `must be ${kindOf(issue.expected)}`;
  }
  if (issue.code === 'invalid_value') {
    return issue.input === undefined
      ? 'is missing'
      : `must be ${issue.values.map(String).join(' or ')}`;
  }
  // The other issues carry the messages that the config schema gives them.
  return issue.message;
}

function kindOf(expected: string): string {
  switch (expected) {
    case 'object':
      return 'a mapping (key: value)';
    case 'array':
      return 'a list (- item)';
    default:
      return 'a single value';
  }
}

function unknownKey(path: YamlPath, key: string): string {
  const prefix = keyName([...path, ''])
    .replaceAll(/\[\d+\]/g, '[]')
    .replace(/(\.expect\.columns\.).*?(?=\.[a-z]*\.?$)/, '$1<column>');
  const known = configKeys()
    .map(({ name }) => name)
    .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes('.'))
    .map((name) => name.slice(prefix.length));
  const [close] = nearest(key, known, 1);
  const hint =
    close === undefined ? `the keys here are ${known.join(', ')}` : `did you mean ${close}?`;
  // JSON escapes control characters, which must not reach a terminal.
  return `unknown key ${JSON.stringify(keyName([...path, key])).slice(1, -1)}: ${hint}`;
}
