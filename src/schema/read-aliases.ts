import type { YamlProblem } from '../core/yaml-file.ts';
import type { YamlValue } from '../core/yaml-tree.ts';
import { normaliseColumnName } from './column-name.ts';
import type { Column } from './column-type.ts';

/** Reads `aliases`: other names that a column may have in a header. */
export function readAliases(value: YamlValue): { value: string[] } | { problem: string } {
  const names = Array.isArray(value) ? value : [value];
  const aliases = names.map((name) => (typeof name === 'string' ? normaliseColumnName(name) : ''));
  return aliases.length === 0 || aliases.includes('')
    ? { problem: 'aliases must be a list of names, such as [Surname, "Last name"]' }
    : { value: [...new Set(aliases)] };
}

/** Aliases that mean two columns. `keys`: how the file writes the name of each column. */
export function aliasProblems(columns: readonly Column[], keys: readonly string[]): YamlProblem[] {
  const names = new Map(columns.map(({ name }) => [name, name]));
  return columns.flatMap(({ name, aliases = [] }, i) =>
    aliases.flatMap((alias) => {
      const other = names.get(alias);
      names.set(alias, name);
      if (other === undefined) return [];
      const shown = JSON.stringify(alias.slice(0, 80));
      const whose = other === alias ? 'the name of a column' : `an alias of ${other}`;
      const message = `${name}: aliases holds ${shown}, which is ${whose}`;
      return [{ path: [keys[i] ?? name, 'aliases'], message }];
    }),
  );
}
