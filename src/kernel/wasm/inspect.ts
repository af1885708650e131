// Looks bytes over before they are scanned.

/** Whether bytes[0, length) are characters of ASCII other than NUL, as those of most files are. Reads up to 63 bytes more. */
export function isPlain(bytes: usize, length: i32): bool {
  const whole = length & ~63;
  // A byte is plain where it is more than 0 as a signed number.
  let least = i8x16.splat(127);
  for (let at = 0; at < whole; at += 64) {
    const first = i8x16.min_s(v128.load(bytes + at), v128.load(bytes + at, 16));
    const second = i8x16.min_s(v128.load(bytes + at, 32), v128.load(bytes + at, 48));
    least = i8x16.min_s(least, i8x16.min_s(first, second));
  }
  if (i8x16.bitmask(i8x16.le_s(least, i8x16.splat(0))) != 0) return false;
  for (let at = whole; at < length; at++) if (<i32>load<i8>(bytes + at) <= 0) return false;
  return true;
}
