import { accepts } from '../schema/accepts.ts';
import type { ColumnType } from '../schema/column-type.ts';
import type { CellHint } from './cell-hint.ts';

/** How a number may be written that is none to us. The first that fits is taken. */
const writings: readonly {
  form: RegExp;
  looksLike: string;
  /** The number as it would be accepted, or all that it may mean. */
  read?: (text: string) => string[];
}[] = [
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
    form: /^[+-]?\d+\.0+$/,
    looksLike: 'It looks like a whole number that a program has written as a fraction',
    read: (text) => [text.replace(/\.0+$/, '')],
  },
  {
    form: /^[+-]?\d\.\d{12,}$|^[+-]?\d+\.\d*(0{6}|9{6})\d$/,
    looksLike:
      'It looks like a number with the rounding error of a program: round it to the digits that it really has',
  },
  {
    form: /^[+-]?\d{1,3},\d{3}$/,
    looksLike:
      'It looks like a number whose comma separates either thousands or decimals: only the sender knows which',
    read: (text) => [text.replace(',', ''), text.replace(',', '.')],
  },
  {
    form: /^[+-]?\d{1,3}\.\d{3}$/,
    looksLike:
      'It looks like a number whose point separates either thousands or decimals: only the sender knows which',
    read: (text) => [text.replace('.', '')],
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
    form: /^\(\d+(\.\d+)?\)$|^\d+(\.\d+)?-$/,
    looksLike: 'It looks like a negative number as accountants write it',
    read: (text) => [`-${text.replaceAll(/[()-]/g, '')}`],
  },
  {
    form: /^−\d+(\.\d+)?$/,
    looksLike: 'Its minus sign looks like the typographic one, not the one of the keyboard',
    read: (text) => [text.replace('−', '-')],
  },
  {
    form: /^['’][+-]?\d+(\.\d+)?$/,
    looksLike: 'It looks like a number behind the apostrophe by which a spreadsheet marks text',
    read: (text) => [text.slice(1)],
  },
  {
    form: /^[+-]?\d[\d.,]*\s?%$/,
    looksLike: 'It looks like a percentage: leave the sign out, in the unit that the column has',
  },
  {
    form: /^\p{Sc}\s?[+-]?\d[\d.,]*$|^[+-]?\d[\d.,]*\s?(\p{Sc}|[A-Z]{3})$/u,
    looksLike: 'It looks like an amount with its currency: leave the currency out',
    read: (text) => [text.replaceAll(/[\p{Sc}A-Z\s]/gu, '')],
  },
];

/** What a cell looks like that is no number of the type. */
export function numberHint(text: string, type: ColumnType): CellHint | null {
  const writing = writings.find(({ form }) => form.test(text));
  if (writing === undefined) return null;
  const readings = writing.read?.(text) ?? [];
  return {
    looksLike: `${writing.looksLike}.`,
    repairs: readings.filter((reading) => accepts(type, reading)),
  };
}
