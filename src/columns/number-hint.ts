import { accepts, acceptsCell } from '../schema/accepts.ts';
import { isRewritten, usualFormat } from '../schema/cell-format.ts';
import { plainCell } from '../schema/cell-parser.ts';
import type { Column } from '../schema/column-type.ts';
import { fractions } from '../schema/read-format.ts';
import { writtenCells } from '../schema/written-cell.ts';
import type { CellHint } from './cell-hint.ts';

/** A number with one sign, which may separate thousands as well as decimals. */
const eitherComma = /^[+-]?[1-9]\d{0,2},\d{3}$/;
const eitherPoint = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

/** How a number may be written that is none to us. */
interface Writing {
  form: RegExp;
  looksLike: string;
  /** The number with a decimal point and no other sign, or all that it may mean. */
  read?: (text: string) => string[];
  /** The number without what is not part of one, in its own writing. */
  strip?: (text: string) => string;
}

/** The first that fits is taken. */
const writings: readonly Writing[] = [
  {
    form: /^[+-]?\d+([.,]\d+)?e\+?\d+$/i,
    looksLike:
      'It looks like a long number that a spreadsheet has shortened, so its last digits may be lost: take it from where it came from, with the column formatted as text',
  },
  {
    form: /^[+-]?\d+([.,]\d+)?e-\d+$/i,
    looksLike: 'It looks like a number in scientific notation: write out all digits',
  },
  {
    form: /^(?![+-]?[1-9]\d{0,2}\.000$)[+-]?\d+\.0+$/,
    looksLike: 'It looks like a whole number that a program has written as a fraction',
    read: (text) => [text.replace(/\.0+$/, '')],
  },
  {
    form: /^[+-]?\d\.\d{12,}$|^[+-]?\d+\.\d*(0{6}|9{6})\d$/,
    looksLike:
      'It looks like a number with the rounding error of a program: round it to the digits that it really has',
  },
  {
    form: eitherComma,
    looksLike:
      'It looks like a number whose comma separates either thousands or decimals: only the sender knows which',
    read: (text) => [text.replace(',', ''), text.replace(',', '.')],
  },
  {
    form: eitherPoint,
    looksLike:
      'It looks like a number whose point separates either thousands or decimals: only the sender knows which',
    read: (text) => [text.replace('.', ''), text.replace(/\.000$/, '')],
  },
  {
    form: /^[+-]?\d*,\d+$/,
    looksLike: 'It looks like a number with a decimal comma',
    read: (text) => [text.replace(',', '.')],
  },
  {
    form: /^[+-]?\d{1,3}(\.\d{3})+,\d+$/,
    looksLike: 'It looks like a number with thousands separators and a decimal comma',
    read: (text) => [text.replaceAll('.', '').replace(',', '.')],
  },
  {
    form: /^[+-]?\d{1,3}((,\d{3})+\.\d+|(,\d{3}){2,}|(\.\d{3}){2,})$/,
    looksLike: 'It looks like a number with thousands separators',
    read: (text) => [/\..*\./.test(text) ? text.replaceAll('.', '') : text.replaceAll(',', '')],
  },
  {
    form: /^[+-]?\d{1,3}(['’\s]\d{3})+([.,]\d+)?$/,
    looksLike: 'It looks like a number with thousands separators',
    read: (text) => [text.replaceAll(/['’\s]/g, '').replace(',', '.')],
  },
  {
    form: /^\(\d[\d.,]*\)$|^\d[\d.,]*-$/,
    looksLike: 'It looks like a negative number as accountants write it',
    strip: (text) => `-${text.replaceAll(/[()-]/g, '')}`,
  },
  {
    form: /^−\d[\d.,]*$/,
    looksLike: 'Its minus sign looks like the typographic one, not the one of the keyboard',
    strip: (text) => text.replace('−', '-'),
  },
  {
    form: /^['’][+-]?\d[\d.,]*$/,
    looksLike: 'It looks like a number behind the apostrophe by which a spreadsheet marks text',
    strip: (text) => text.slice(1),
  },
  {
    form: /^[+-]?\d[\d.,]*\s?%$/,
    looksLike: 'It looks like a percentage: leave the sign out, in the unit that the column has',
  },
  {
    form: /^\p{Sc}\s?[+-]?\d[\d.,]*$|^[+-]?\d[\d.,]*\s?(\p{Sc}|[A-Z]{3})$/u,
    looksLike: 'It looks like an amount with its currency: leave the currency out',
    strip: (text) => text.replaceAll(/[\p{Sc}A-Z\s]/gu, ''),
  },
];

/** What a cell looks like that is no number of the column. */
export function numberHint(text: string, column: Column): CellHint | null {
  const plain = plainCell(column, text);
  if (plain === null && accepts(column.type, text) && !eitherPoint.test(text)) {
    return {
      looksLike: 'It looks like a number with a decimal point.',
      repairs: writtenCells([text], column),
    };
  }
  const number = plain ?? text;
  const writing = writings.find(({ form }) => form.test(number));
  // What a sign means the column's format may have said.
  if (writing === undefined || (writing.form === eitherPoint && knowsPoint(plain, column))) {
    return null;
  }
  return { looksLike: `${writing.looksLike}.`, repairs: repairsOf(number, writing, column) };
}

function knowsPoint(plain: string | null, { type, format = usualFormat }: Column): boolean {
  return plain !== null && isRewritten(format) && fractions.includes(type.name);
}

function repairsOf(text: string, { read, strip }: Writing, column: Column): string[] {
  if (strip === undefined) return writtenCells(read?.(text) ?? [], column);
  const number = strip(text);
  return acceptsCell(column, number) ? [number] : (numberHint(number, column)?.repairs ?? []);
}
