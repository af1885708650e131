import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip archive, and what is to be wrong with it. */
export interface ZipMember {
  name: string;
  content?: string | Uint8Array;
  method?: 0 | 8 | 12;
  encrypted?: boolean;
  /** Instead of the right ones. */
  crc32?: number;
  bytes?: number;
  /** How far the directory points beside the entry. */
  shift?: number;
}

export interface ZipForm {
  comment?: string;
  /** Sizes and places in 64 bits. */
  zip64?: boolean;
  /** Bytes between the entries and the directory. */
  gap?: number;
}

/** Makes a zip archive byte by byte, so that it can be as wrong as a test wants it. */
export function zipArchive(members: readonly ZipMember[], form: ZipForm = {}): Buffer {
  const { comment = '', zip64 = false, gap = 0 } = form;
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const content = Buffer.from(member.content ?? '');
    const method = member.method ?? 8;
    const packed = method === 8 ? deflateRawSync(content) : content;
    const name = Buffer.from(member.name);
    const flags = member.encrypted === true ? 1 : 0;
    const crc = member.crc32 ?? crc32(content);
    const bytes = member.bytes ?? content.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(bytes, 22);
    local.writeUInt16LE(name.length, 26);
    const place = at + (member.shift ?? 0);
    const header = Buffer.alloc(46);
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(flags, 8);
    header.writeUInt16LE(method, 10);
    header.writeUInt32LE(crc, 16);
    header.writeUInt32LE(zip64 ? 0xffffffff : packed.length, 20);
    header.writeUInt32LE(zip64 ? 0xffffffff : bytes, 24);
    header.writeUInt16LE(name.length, 28);
    header.writeUInt16LE(zip64 ? 28 : 0, 30);
    header.writeUInt32LE(zip64 ? 0xffffffff : place, 42);
    parts.push(local, name, packed);
    directory.push(header, name, ...(zip64 ? [extra64(bytes, packed.length, place)] : []));
    at += local.length + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  const all = Buffer.concat(directory);
  const from = at + gap;
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip64 ? 0xffff : members.length, 8);
  end.writeUInt16LE(zip64 ? 0xffff : members.length, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : all.length, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : from, 16);
  end.writeUInt16LE(comment.length, 20);
  const wide = zip64 ? end64(members.length, all.length, from) : Buffer.alloc(0);
  return Buffer.concat([...parts, Buffer.alloc(gap), all, wide, end, Buffer.from(comment)]);
}

function extra64(bytes: number, packedBytes: number, place: number): Buffer {
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  for (const [i, value] of [bytes, packedBytes, place].entries()) {
    extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  }
  return extra;
}

function end64(entries: number, bytes: number, from: number): Buffer {
  const end = Buffer.alloc(56);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeBigUInt64LE(BigInt(entries), 24);
  end.writeBigUInt64LE(BigInt(entries), 32);
  end.writeBigUInt64LE(BigInt(bytes), 40);
  end.writeBigUInt64LE(BigInt(from), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(from + bytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end, locator]);
}
