import { counted } from '../core/counted.ts';
import { groupedDigits } from '../core/grouped-digits.ts';
import { htmlText } from '../core/html-text.ts';
import type { Problem, Rule } from '../core/problem.ts';
import { isOf, type ReportGroup } from './failure-report.ts';

/** So much of a report is shown on its page, which stays below a megabyte by it. */
export const GROUPS_SHOWN = 40;
const EXAMPLES_SHOWN = 5;
const CHARACTERS_SHOWN = 120;

const titles: Record<Rule, string> = {
  container: 'A file that cannot be unpacked',
  empty_file: 'The file is empty',
  encoding: 'Text in another encoding',
  nul_byte: 'Bytes that no text has',
  line_length: 'A row that is too long',
  quote: 'Quotes that do not match',
  header_delimiter: 'A header that does not match',
  header_missing_column: 'Columns that are missing',
  header_extra_column: 'Columns that are not known',
  header_duplicate_column: 'Columns that are there twice',
  field_count: 'Rows with too many or too few values',
  nullable: 'Values that are missing',
  type: 'Values of another kind',
  range: 'Values out of range',
  length: 'Values that are too long',
  min: 'Values that are too small',
  max: 'Values that are too great',
  min_length: 'Values that are too short',
  max_length: 'Values that are longer than they may be',
  enum: 'Values that are none of those allowed',
  pattern: 'Values that do not match their pattern',
  outlier: 'Values far from what earlier files had',
  check: 'Rows whose values do not go together',
  unique: 'Values that are there twice',
  expectation: 'A file that is not as expected',
  invalid_rows: 'More broken rows than are allowed',
  database: 'Rows that the table refuses',
  changed: 'A file that was changed too late',
  process_ended: 'A process that ended each time',
};

/** One kind of problem: how many, what is wrong, the first of them, and what they look like. */
export function problemSection(
  group: ReportGroup,
  problems: readonly Problem[],
  number: number,
): string {
  const listed = problems.filter((problem) => isOf(problem, group)).slice(0, EXAMPLES_SHOWN);
  const examples = group.example === undefined ? listed : [group.example];
  const messages = new Set(examples.map(({ message }) => message));
  const column =
    group.column === null
      ? ''
      : ` in <bdi><code>${htmlText(cut(group.column, CHARACTERS_SHOWN))}</code></bdi>`;
  const said = messages.size === 1 ? `<p>${htmlText([...messages][0]!)}</p>\n` : '';
  return `<article aria-labelledby="problem-${number}">
<h3 id="problem-${number}">${titles[group.rule]}${column} <span class="count">${counted(group.count, 'problem')}</span></h3>
${said}${exampleTable(examples, group, messages.size > 1 && !examples.every(isNamed))}
${hints(examples)}
</article>`;
}

function exampleTable(
  examples: readonly Problem[],
  group: ReportGroup,
  withMessage: boolean,
): string {
  const withLine = examples.some(({ line }) => line > 0);
  const shown = examples.map((problem) => ({ ...problem, shown: shownValue(problem) }));
  const withValue = shown.some((problem) => problem.shown !== null);
  const withRepair = examples.some(({ repairs }) => repairs !== undefined);
  if (!withValue && !withRepair && !withMessage) return lineList(examples, group);
  const heads = [
    ...(withLine ? ['Line'] : []),
    ...(withMessage ? ['What is wrong'] : []),
    ...(withValue ? [group.rule === 'database' ? 'What the server says' : 'In the file'] : []),
    ...(withRepair ? ['Repair, as it looks'] : []),
  ];
  const rows = shown.map(({ line, message, shown: value, repairs }) => {
    const cells = [
      ...(withLine ? [`<th scope="row">${lineText(line)}</th>`] : []),
      ...(withMessage ? [`<td>${htmlText(message)}</td>`] : []),
      ...(withValue ? [`<td>${value === null ? '' : valueText(value)}</td>`] : []),
      ...(withRepair ? [`<td>${repairText(repairs ?? [])}</td>`] : []),
    ];
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="table">
<table>
<caption>${caption(examples.length, group.count)}</caption>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</div>`;
}

/** Whether the message says no more than the name that is shown beside it. */
function isNamed({ rule, column }: Problem): boolean {
  return rule === 'header_extra_column' && column !== null;
}

/** Of a name in the header the name is what stands in the file. */
function shownValue({ rule, column, value, cells }: Problem): string | null {
  if (cells !== undefined) return cells.map((cell) => `${cell.column}: ${cell.value}`).join(', ');
  return rule === 'header_extra_column' ? column : value;
}

function caption(shown: number, count: number): string {
  if (shown === count) return count === 1 ? 'Where it is' : `All ${count} of them`;
  const more = groupedDigits(count - shown);
  return shown === 1 ? `The first one; ${more} more` : `The first ${shown}; ${more} more`;
}

function lineList(examples: readonly Problem[], { count }: ReportGroup): string {
  const lines = examples.flatMap(({ line }) => (line > 0 ? [lineText(line)] : []));
  if (lines.length === 0) return '';
  const more = count - examples.length;
  const rest = more === 0 ? '' : ` and ${groupedDigits(more)} more`;
  return `<p>${count === 1 ? 'Line' : 'Lines'} ${lines.join(', ')}${rest}.</p>`;
}

function lineText(line: number): string {
  return line === 0 ? 'whole file' : groupedDigits(line);
}

function repairText(repairs: readonly string[]): string {
  if (repairs.length === 0) return '';
  return `<span class="arrow" aria-hidden="true">→</span> ${repairs.map(valueText).join(' or ')}`;
}

function valueText(value: string): string {
  if (value === '') return '<em>empty</em>';
  return `<bdi><code>${htmlText(cut(value, CHARACTERS_SHOWN))}</code></bdi>`;
}

/** What to do: what all examples have in common once, and the rest with the lines that it is about. */
function hints(examples: readonly Problem[]): string {
  const common = commonSentences(examples.map(({ hint }) => hint));
  const isOneLine = new Set(examples.map(({ line }) => line)).size === 1;
  const linesOf = new Map<string, number[]>();
  for (const { hint, line } of examples) {
    const rest = hint.slice(common.length).trim();
    if (rest !== '') linesOf.set(rest, [...(linesOf.get(rest) ?? []), line]);
  }
  const items = [...linesOf].map(([hint, lines]) => {
    const isForAll = lines.length === examples.length || isOneLine;
    const where = `<b>${lines.length === 1 ? 'Line' : 'Lines'} ${lines.map(groupedDigits).join(', ')}:</b> `;
    return `<p class="hint">${isForAll ? '' : where}${htmlText(hint)}</p>`;
  });
  return [...(common === '' ? [] : [`<p class="hint">${htmlText(common)}</p>`]), ...items].join(
    '\n',
  );
}

/** The sentences with which all texts begin. */
function commonSentences(texts: readonly string[]): string {
  let common = texts[0] ?? '';
  const isCommon = (start: string): boolean =>
    texts.every((text) => text === start || text.startsWith(`${start} `));
  while (common !== '' && !isCommon(common)) {
    common = common.slice(0, common.lastIndexOf('. ', common.length - 2) + 1);
  }
  return common;
}

function cut(text: string, max: number): string {
  const characters = Array.from(text.slice(0, max * 2));
  return characters.length > max || text.length > max * 2
    ? `${characters.slice(0, max).join('')}…`
    : text;
}
