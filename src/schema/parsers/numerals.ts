// What the parsers of numbers, dates and times have in common: bytes of ASCII, and how far a double counts exactly.
export const PLUS = 43;
export const MINUS = 45;
export const POINT = 46;
/** The digits follow it in order. */
export const ZERO = 48;

/** The most digits whose value is exact in a double. */
export const EXACT_DIGITS = 15;
