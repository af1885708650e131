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
 * a specifier.
 */
export function words(...list: readonly string[]): string {
  return list.map((word) => (/^[\w./:@,+=-]+$/.test(word) ? word : quoted(word))).join(' ');
}

/** The same where variables are put in as well, as in ExecStart=. */
export function commandWords(...list: readonly string[]): string {
  return words(...list).replaceAll('$', '$$$$');
}

/** A setting that takes the rest of its line as it is, quotes too. Throws usage_invalid for a path with a line break. */
export function restOfLine(path: string): string {
  if (/[\r\n]|^\s|\s$/.test(path)) {
    throw new HopperError('usage_invalid', {
      message: `${path} cannot stand in a unit: it has a line break, or a space at an end.`,
      hint: 'Give the folder another name.',
    });
  }
  return path.replaceAll('%', '%%');
}

function quoted(word: string): string {
  const escaped = word.replaceAll(/["\\%]|\p{Cc}/gu, (character) => {
    if (character === '%') return '%%';
    if (character === '"' || character === '\\') return `\\${character}`;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}
