import type { YamlPath, YamlProblem } from '../core/yaml-file.ts';
import type { YamlValue } from '../core/yaml-tree.ts';

/**
 * Puts the environment into every text of a configuration: `${NAME}` is the variable's value, `$${` is a literal `${`.
 * Keys are left alone. What a variable holds is text and is not expanded again.
 */
export function expandVariables(
  value: YamlValue,
  environment: Readonly<Record<string, string | undefined>>,
): { value: YamlValue; problems: YamlProblem[] } {
  const problems: YamlProblem[] = [];

  function expand(part: YamlValue, path: YamlPath): YamlValue {
    if (part === null) return null;
    if (typeof part === 'string') return expandText(part, path);
    if (Array.isArray(part)) return part.map((item, index) => expand(item, [...path, index]));
    const expanded = Object.create(null) as Record<string, YamlValue>;
    for (const [key, item] of Object.entries(part)) expanded[key] = expand(item, [...path, key]);
    return expanded;
  }

  function expandText(text: string, path: YamlPath): string {
    return text.replaceAll(
      /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g,
      (match, name?: string) => {
        if (match === '$${') return '${';
        if (name === undefined) {
          problems.push({ path, message: '${ must be ${NAME}; write $${ for a literal ${' });
          return match;
        }
        const found = environment[name];
        if (found === undefined) {
          problems.push({ path, message: `the environment variable ${name} is not set` });
        }
        return found ?? '';
      },
    );
  }

  return { value: expand(value, []), problems };
}
