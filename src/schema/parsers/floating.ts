import {
  ACCEPTED,
  ACCEPTED_RENDERED,
  BROKEN_RANGE,
  BROKEN_TYPE,
  textOf,
  type ValueParser,
} from '../value-parser.ts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Floating point numbers with a point and an optional exponent. Infinity and NaN are not accepted: MySQL has neither.
 * The canonical text is the shortest that reads back as the same value.
 */
function floatingParser(single: boolean): ValueParser {
  return (bytes, start, end, sink) => {
    const text = textOf(bytes, start, end);
    if (!NUMBER.test(text)) return BROKEN_TYPE;
    // Adding zero turns -0 into 0: MySQL and Parquet readers differ in what they show for it.
    const value = (single ? Math.fround(Number(text)) : Number(text)) + 0;
    if (!Number.isFinite(value)) return BROKEN_RANGE;
    if (single) sink.addFloat(value);
    else sink.addDouble(value);
    sink.rendered = String(value);
    return sink.rendered === text ? ACCEPTED : ACCEPTED_RENDERED;
  };
}

/** FLOAT: 32 bits, the nearest to what is written. */
export const floatParser = floatingParser(true);

/** DOUBLE: 64 bits, the nearest to what is written. */
export const doubleParser = floatingParser(false);
