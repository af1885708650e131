import { visibleText } from '../core/visible-text.ts';
import { HopperError } from '../errors/hopper-error.ts';

/** A setting of a unit, or a comment above the next one. */
export type UnitLine = readonly [key: string, value: string] | `# ${string}`;

export interface UnitSection {
  title: 'Unit' | 'Service' | 'Timer' | 'Install';
  lines: readonly UnitLine[];
}

/** A unit as it is written. */
export interface UnitFile {
  name: string;
  text: string;
}

/** By its first line a unit is known as ours, to be written anew or removed. */
const MARK = '# Made by csv-hopper service install';

export function unitFile(name: string, sections: readonly UnitSection[]): UnitFile {
  const head = `${MARK}, which writes it anew; put changes into a drop-in: systemctl edit ${name}`;
  const text = sections.map(({ title, lines }) =>
    [
      `[${title}]`,
      ...lines.map((line) => (typeof line === 'string' ? line : `${line[0]}=${line[1]}`)),
    ].join('\n'),
  );
  return { name, text: `${head}\n${text.join('\n\n')}\n` };
}

export function isOurs(text: string): boolean {
  return text.startsWith(MARK);
}

/**
 * Words of a list or of a command, quoted as systemd.syntax(7) has it: a path may hold spaces and quotes, and a per cent sign would be
 * a specifier. Throws usage_invalid for control characters, which not every list of paths can hold.
 */
export function words(...list: readonly string[]): string {
  return list.map((word) => (/^[\w./:@,+=-]+$/.test(word) ? word : quoted(word))).join(' ');
}

/** A command, in whose arguments, but not in its own path, variables are put in as well: ExecStart=. Throws as words() does. */
export function commandWords(program: string, ...given: readonly string[]): string {
  return `${words(program)} ${words(...given).replaceAll('$', '$$$$')}`;
}

/** A setting that takes the rest of its line as it is, quotes too: a backslash at its end would draw the next line in. Throws usage_invalid. */
export function restOfLine(path: string): string {
  if (/^\s|[\s\\]$/.test(path)) throw unusable(path);
  return checked(path).replaceAll('%', '%%');
}

function checked(text: string): string {
  if (/\p{Cc}/u.test(text)) throw unusable(text);
  return text;
}

function unusable(text: string): HopperError {
  return new HopperError('usage_invalid', {
    message: `${visibleText(text)} cannot stand in a unit: it has a line break or another control character, or a space or backslash at an end.`,
    hint: 'Give it another name.',
  });
}

function quoted(word: string): string {
  const escaped = checked(word).replaceAll(/["\\%]/g, (character) =>
    character === '%' ? '%%' : `\\${character}`,
  );
  return `"${escaped}"`;
}
