// The canonical texts of a column's entries, escaped as LOAD DATA reads them.
import { copyBytes, grown, SLACK_BYTES } from './memory';

const BACKSLASH: u8 = 92;
const ROOM_MIN: i32 = 1024;

/** Entry i is bytes[offsets[i], offsets[i + 1]). */
@unmanaged
export class LoadText {
  bytes: usize;
  bytesRoom: i32;
  offsets: usize;
  room: i32;
  count: i32;

  static create(): LoadText {
    const at = heap.alloc(offsetof<LoadText>());
    memory.fill(at, 0, offsetof<LoadText>());
    return changetype<LoadText>(at);
  }

  clear(): void {
    this.count = 0;
  }

  destroy(): void {
    if (this.bytes != 0) heap.free(this.bytes);
    if (this.offsets != 0) heap.free(this.offsets);
    heap.free(changetype<usize>(this));
  }
}

export function addLoadText(text: LoadText, at: usize, length: i32): void {
  if (text.count == text.room) growOffsets(text);
  const end = text.offsets + ((<usize>text.count) << 2);
  text.count++;
  const used = load<i32>(end);
  // Where every byte is escaped it takes two.
  const needed = used + 2 * length + SLACK_BYTES;
  if (needed > text.bytesRoom) {
    const room = max(needed, text.bytesRoom * 2);
    text.bytes = grown(text.bytes, used, room);
    text.bytesRoom = room;
  }
  const to = text.bytes + used;
  if (!hasSpecial(at, length)) {
    copyBytes(to, at, length);
    store<i32>(end, used + length, 4);
  } else {
    store<i32>(end, used + addEscaped(to, at, length), 4);
  }
}

export function loadTextBytes(text: LoadText): i32 {
  return text.count == 0 ? 0 : load<i32>(text.offsets + ((<usize>text.count) << 2));
}

function growOffsets(text: LoadText): void {
  const room = max(ROOM_MIN, text.room * 2);
  const offsets = grown(text.offsets, (<usize>(text.room + 1)) << 2, (<usize>(room + 1)) << 2);
  if (text.offsets == 0) store<i32>(offsets, 0);
  text.offsets = offsets;
  text.room = room;
}

function hasSpecial(at: usize, length: i32): bool {
  let found = 0;
  for (let from = 0; from < length; from += 16) {
    const bytes = v128.load(at + from);
    const special = v128.or(
      // NUL, tab, line feed and carriage return are below 14; others there are harmless, and rare.
      i8x16.lt_u(bytes, i8x16.splat(14)),
      i8x16.eq(bytes, i8x16.splat(92)),
    );
    const counted = length - from >= 16 ? 0xffff : (1 << (length - from)) - 1;
    found |= i8x16.bitmask(special) & counted;
  }
  return found != 0;
}

function addEscaped(to: usize, at: usize, length: i32): i32 {
  let end = to;
  for (let from = 0; from < length; from++) {
    const byte = load<u8>(at + from);
    const letter = escapeOf(byte);
    if (letter != 0) {
      store<u8>(end++, BACKSLASH);
      store<u8>(end++, letter);
    } else {
      store<u8>(end++, byte);
    }
  }
  return <i32>(end - to);
}

/**
 * The letter that stands behind a backslash for a byte that LOAD DATA would take for something else; 0 for every other.
 * Spec: MySQL manual, LOAD DATA, FIELDS ESCAPED BY '\\'.
 */
function escapeOf(byte: u8): u8 {
  switch (byte) {
    case 0:
      return 48; // 0
    case 9:
      return 116; // t
    case 10:
      return 110; // n
    case 13:
      return 114; // r
    case BACKSLASH:
      return BACKSLASH;
    default:
      return 0;
  }
}
