import type { Problem, Rule } from '../core/problem.ts';
import type { ProblemList } from '../core/problem-list.ts';
import type { HeaderNames } from '../csv/header-names.ts';
import { columnNameProblem } from '../schema/column-name.ts';

/**
 * The columns of a schema for a header: its names, and made-up ones where it has none, has one twice, or one that no schema
 * may have. The intake refuses a file with such a header, so each is a problem.
 */
export function nameColumns(header: HeaderNames, problems: ProblemList): string[] {
  const given = new Set(header.names);
  const taken = new Set<string>();
  return header.names.map((name, index) => {
    const problem = headerProblem(name, index, header.line, taken.has(name));
    if (problem === null) {
      taken.add(name);
      return name;
    }
    problems.add(problem);
    const stem = columnNameProblem(name) === null ? `${name.slice(0, 50)}_` : 'column_';
    let number = index + 1;
    while (given.has(`${stem}${number}`) || taken.has(`${stem}${number}`)) number++;
    taken.add(`${stem}${number}`);
    return `${stem}${number}`;
  });
}

function headerProblem(
  name: string,
  index: number,
  line: number,
  isRepeated: boolean,
): Problem | null {
  const problem = (rule: Rule, message: string, hint: string): Problem => ({
    line,
    column: name === '' ? null : name,
    value: null,
    rule,
    message,
    hint,
  });
  const place = `Column ${index + 1} of the header`;
  if (name === '') {
    return problem('header_extra_column', `${place} has no name.`, 'Name it in the file.');
  }
  const shown = JSON.stringify(name.slice(0, 64));
  const wrong = columnNameProblem(name);
  if (wrong !== null) {
    const message = `${place}, ${shown}, cannot keep its name: ${wrong}.`;
    return problem('header_extra_column', message, 'Rename it in the file.');
  }
  if (!isRepeated) return null;
  const message = `${place} is named ${shown} as one before it is.`;
  const hint = 'Rename it in the file (letter case and outer spaces do not count).';
  return problem('header_duplicate_column', message, hint);
}
