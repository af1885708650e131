import { nearest } from '../../core/nearest.ts';
import type { WordCleaning } from '../read-rules.ts';
import { negatedFraction } from './fraction.ts';
import { ExpressionMistake } from './tokens.ts';
import { daysOf, unify } from './unify.ts';
import {
  kindNames,
  nullTest,
  type NumberOf,
  type TemporalKind,
  type TextOf,
  type Value,
  type ValueOf,
} from './value.ts';
import { negate, smallWhole, type Whole } from './whole.ts';

type Made = Value extends infer One
  ? One extends Value
    ? Omit<One, 'at' | 'slots'>
    : never
  : never;
type Call = (args: readonly Value[], cleaning: WordCleaning) => Made;

const functions: Record<string, { most: number; call: Call }> = {
  abs: { most: 1, call: ([value]) => withSign(value!, false) },
  coalesce: { most: Infinity, call: coalesce },
  date: {
    most: 1,
    call: ([value]) => ({ kind: 'date', whole: daysOf(dated(value!)) }),
  },
  day: { most: 1, call: ([value]) => datePart(value!, (date) => date.getUTCDate()) },
  length: { most: 1, call: ([value]) => wholeNumber(lengthOf(textual(value!))) },
  lower: { most: 1, call: ([value]) => changed(value!, (text) => text.toLowerCase()) },
  month: { most: 1, call: ([value]) => datePart(value!, (date) => date.getUTCMonth() + 1) },
  upper: { most: 1, call: ([value]) => changed(value!, (text) => text.toUpperCase()) },
  year: { most: 1, call: ([value]) => datePart(value!, (date) => date.getUTCFullYear()) },
};

/**
 * Calls a function of an expression.
 * @throws ExpressionMistake where there is none of that name, or not for such values
 */
export function callFunction(
  name: string,
  args: readonly Value[],
  at: number,
  cleaning: WordCleaning,
): Made {
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (known === undefined) {
    const names = Object.keys(functions);
    const [meant] = nearest(name, names, 1);
    const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
    throw new ExpressionMistake(`there is no function ${JSON.stringify(name)}: ${hint}`, at);
  }
  if (args.length > known.most) throw new ExpressionMistake(`${name} takes one value`, at);
  return known.call(args, cleaning);
}

/** A number with the opposite sign, or with none. */
export function withSign(value: Value, always: boolean): Made {
  const { kind } = value;
  if (kind === 'exact') return { kind, scale: value.scale, whole: negate(value.whole, always) };
  if (kind === 'fraction') return { kind, fraction: negatedFraction(value.fraction, always) };
  if (kind !== 'float') throw new ExpressionMistake(`${kindNames[kind]} has no sign`, value.at);
  const { number, single } = value;
  return { kind, single, number: always ? (row) => -number(row) : (row) => Math.abs(number(row)) };
}

function wholeNumber(near: NumberOf): Made {
  return { kind: 'exact', scale: 0, whole: smallWhole(near, 2n ** 32n) };
}

function textual(value: Value): ValueOf<'text'> {
  if (value.kind === 'text') return value;
  if (value.kind === 'quoted')
    return unify([value], { trim: false, lowercaseValues: false })[0] as ValueOf<'text'>;
  throw new ExpressionMistake(`expected a text, found ${kindNames[value.kind]}`, value.at);
}

function dated(value: Value): ValueOf<Exclude<TemporalKind, 'time'>> {
  if (value.kind === 'date' || value.kind === 'datetime' || value.kind === 'timestamp')
    return value;
  throw new ExpressionMistake(`expected a date, found ${kindNames[value.kind]}`, value.at);
}

/** In code points. */
function lengthOf({ text, slot }: ValueOf<'text'>): NumberOf {
  if (slot === null) {
    return (row) => {
      const value = text(row);
      return value === null ? NaN : Array.from(value).length;
    };
  }
  return (row) => {
    const id = slot.ids[row]!;
    if (id < 0) return NaN;
    let length = 0;
    const end = slot.offsets[id + 1]!;
    // Each has one byte that does not continue another.
    for (let at = slot.offsets[id]!; at < end; at++)
      if ((slot.bytes[at]! & 0xc0) !== 0x80) length++;
    return length;
  };
}

function changed(value: Value, change: (text: string) => string): Made {
  const { text } = textual(value);
  const changedText: TextOf = (row) => {
    const given = text(row);
    return given === null ? null : change(given);
  };
  return { kind: 'text', text: changedText, cleaned: false, slot: null };
}

function datePart(value: Value, part: (date: Date) => number): Made {
  const { near } = daysOf(dated(value));
  const days = near!;
  return wholeNumber((row) => {
    const day = days(row);
    return Number.isNaN(day) ? NaN : part(new Date(day * 86_400_000));
  });
}

/** The first of the values that there is. */
function coalesce(args: readonly Value[], cleaning: WordCleaning): Made {
  const values = unify(args, cleaning);
  const isNull = values.map(nullTest);
  const last = values.length - 1;
  const first =
    <Result>(of: readonly ((row: number) => Result)[]) =>
    (row: number): Result => {
      for (let i = 0; i < last; i++) if (!isNull[i]!(row)) return of[i]!(row);
      return of[last]!(row);
    };
  const [{ kind }] = values as [Value];
  switch (kind) {
    case 'exact': {
      const exact = values as ValueOf<'exact'>[];
      return { kind, scale: exact[0]!.scale, whole: firstWhole(exact, first) };
    }
    case 'date':
    case 'time':
    case 'datetime':
    case 'timestamp':
      return { kind, whole: firstWhole(values as ValueOf<TemporalKind>[], first) };
    case 'fraction':
      return {
        kind,
        fraction: first((values as ValueOf<'fraction'>[]).map(({ fraction }) => fraction)),
      };
    case 'float': {
      const floats = values as ValueOf<'float'>[];
      const single = floats.every((float) => float.single);
      return { kind, single, number: first(floats.map(({ number }) => number)) };
    }
    case 'truth':
      return { kind, truth: first((values as ValueOf<'truth'>[]).map(({ truth }) => truth)) };
    case 'text':
    case 'quoted': {
      const texts = values as ValueOf<'text'>[];
      const cleaned = texts.some((text) => text.cleaned);
      return { kind: 'text', cleaned, slot: null, text: first(texts.map(({ text }) => text)) };
    }
    case 'json':
      throw new ExpressionMistake('a JSON document cannot be used here', args[0]!.at);
  }
}

function firstWhole(
  values: readonly { whole: Whole }[],
  first: <Result>(of: readonly ((row: number) => Result)[]) => (row: number) => Result,
): Whole {
  const wholes = values.map(({ whole }) => whole);
  const nears = wholes.map(({ near }) => near);
  return {
    max: wholes.reduce((max, whole) => (whole.max > max ? whole.max : max), 0n),
    near: nears.every((near) => near !== null) ? first(nears) : null,
    isSmall: wholes.every(({ isSmall }) => isSmall),
    big: first(wholes.map(({ big }) => big)),
    multiple: null,
  };
}
