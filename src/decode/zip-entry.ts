import { containerOf } from '../core/container-name.ts';
import { visibleText } from '../core/visible-text.ts';
import type { PackedSource } from './packed-source.ts';
import { damaged, Undecodable } from './undecodable.ts';

/** Where the one file of a zip archive lies, and what its directory says about it. */
export interface ZipEntry {
  from: number;
  to: number;
  method: 'stored' | 'deflate';
  /** Size of its content. */
  bytes: number;
  crc32: number;
}

// Spec: APPNOTE.TXT 6.3.10 of PKWARE, 4.3.
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_BYTES = 20;
const END64_SIGNATURE = 0x06064b50;
const END64_BYTES = 56;
const HEADER_SIGNATURE = 0x02014b50;
const HEADER_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
/** In a field of 16 or 32 bits: the value stands in a field of 64. */
const IN_64_BITS_16 = 0xffff;
const IN_64_BITS_32 = 0xffffffff;
const EXTRA_ZIP64 = 1;
const FLAG_ENCRYPTED = 1;

/** A directory of one file and of what does not count beside it is far smaller. */
const DIRECTORY_BYTES_MAX = 1 << 20;

const ONE_FILE = 'Pack one CSV file alone, or drop the files as they are.';

interface Directory {
  from: number;
  bytes: number;
  /** Where the records behind the directory begin. */
  to: number;
}

interface Header {
  name: string;
  flags: number;
  method: number;
  crc32: number;
  packedBytes: number;
  bytes: number;
  /** Where its data begin with a header of their own. */
  localAt: number;
}

/** Finds the one file of an archive by its central directory. Throws Undecodable where there is none, or more, or it cannot be read. */
export function findZipEntry(source: PackedSource): ZipEntry {
  const directory = findDirectory(source);
  const files = headersIn(source, directory).filter(({ name }) => counts(name));
  const [file, another] = files;
  if (file === undefined) throw refused('The zip archive holds no file.', ONE_FILE);
  if (another !== undefined) {
    throw refused(`The zip archive holds ${files.length} files, and must hold one.`, ONE_FILE);
  }
  checkName(file.name);
  if ((file.flags & FLAG_ENCRYPTED) !== 0) {
    throw refused('The file in the zip archive is encrypted.', 'Pack it without a password.');
  }
  return locate(source, file, directory);
}

/** What macOS puts beside a file, and folders, are no content. */
function counts(name: string): boolean {
  return !name.endsWith('/') && !name.startsWith('__MACOSX/') && !/(^|\/)\.DS_Store$/.test(name);
}

function checkName(name: string): void {
  const shown = JSON.stringify(visibleText(name.slice(0, 64)));
  if (/[/\\]/.test(name)) {
    throw refused(
      `The file in the zip archive lies in a folder (${shown}).`,
      'Pack the file itself, not its folder.',
    );
  }
  if (containerOf(name) !== null) {
    throw refused(`The file in the zip archive is packed once more (${shown}).`, 'Pack it once.');
  }
}

function refused(message: string, hint: string): Undecodable {
  return new Undecodable('container', message, hint);
}

/** The end of the directory stands at the very end, behind nothing but a comment of the length that it gives. */
function findDirectory(source: PackedSource): Directory {
  const tail = source.at(
    Math.max(0, source.bytes - END_BYTES - COMMENT_BYTES_MAX),
    END_BYTES + COMMENT_BYTES_MAX,
  );
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    if (at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length) continue;
    return readEnd(source, tail.subarray(at), source.bytes - tail.length + at);
  }
  const isStarted = source.at(0, 4).equals(Buffer.from('PK\u0003\u0004', 'latin1'));
  if (isStarted) throw damaged('The zip archive is cut off, or something stands behind its end.');
  throw refused(
    source.bytes === 0 ? 'The file is empty.' : 'The file is no zip archive, but its name says so.',
    'Send it again if it was cut off; if it is plain text, drop it without .zip at the end of its name.',
  );
}

function readEnd(source: PackedSource, end: Buffer, endAt: number): Directory {
  const needs64 =
    end.readUInt16LE(10) === IN_64_BITS_16 ||
    end.readUInt32LE(12) === IN_64_BITS_32 ||
    end.readUInt32LE(16) === IN_64_BITS_32;
  const directory = needs64
    ? readEnd64(source, endAt)
    : { from: end.readUInt32LE(16), bytes: end.readUInt32LE(12), to: endAt };
  const isSplit = !needs64 && (end.readUInt16LE(4) !== 0 || end.readUInt16LE(6) !== 0);
  if (isSplit) throw refused('The zip archive is one part of several.', 'Pack it into one file.');
  if (directory.from + directory.bytes !== directory.to) {
    throw damaged('The directory of the zip archive is not where it should be.');
  }
  return directory;
}

function readEnd64(source: PackedSource, endAt: number): Directory {
  const wrong = (): Undecodable =>
    damaged('The directory of the zip archive (zip64) cannot be found.');
  if (endAt < LOCATOR_BYTES + END64_BYTES) throw wrong();
  const locator = source.at(endAt - LOCATOR_BYTES, LOCATOR_BYTES);
  if (locator.readUInt32LE(0) !== LOCATOR_SIGNATURE) throw wrong();
  const to = Number(locator.readBigUInt64LE(8));
  const end = source.at(to, END64_BYTES);
  if (end.length < END64_BYTES || end.readUInt32LE(0) !== END64_SIGNATURE) throw wrong();
  return { from: Number(end.readBigUInt64LE(48)), bytes: Number(end.readBigUInt64LE(40)), to };
}

function headersIn(source: PackedSource, { from, bytes }: Directory): Header[] {
  if (bytes > DIRECTORY_BYTES_MAX) {
    throw refused('The zip archive holds many files, and must hold one.', ONE_FILE);
  }
  const directory = source.at(from, bytes);
  const headers: Header[] = [];
  for (let at = 0; at < directory.length;) {
    const length = headerBytes(directory, at);
    headers.push(readHeader(directory.subarray(at, at + length)));
    at += length;
  }
  return headers;
}

function headerBytes(directory: Buffer, at: number): number {
  const wrong = damaged('The directory of the zip archive is damaged.');
  if (at + HEADER_BYTES > directory.length) throw wrong;
  if (directory.readUInt32LE(at) !== HEADER_SIGNATURE) throw wrong;
  const [name, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
  const length = HEADER_BYTES + name! + extra! + comment!;
  if (at + length > directory.length) throw wrong;
  return length;
}

function readHeader(header: Buffer): Header {
  const nameEnd = HEADER_BYTES + header.readUInt16LE(28);
  const extra = header.subarray(nameEnd, nameEnd + header.readUInt16LE(30));
  // Spec: 4.5.3, only the fields that say so stand there, in this order.
  const wide = zip64Numbers(extra);
  const sized = (at: number): number => {
    const value = header.readUInt32LE(at);
    return value === IN_64_BITS_32 ? (wide.shift() ?? value) : value;
  };
  return {
    // Not its characters matter, but its slashes.
    name: header.toString('utf8', HEADER_BYTES, nameEnd),
    flags: header.readUInt16LE(8),
    method: header.readUInt16LE(10),
    crc32: header.readUInt32LE(16),
    bytes: sized(24),
    packedBytes: sized(20),
    localAt: sized(42),
  };
}

function zip64Numbers(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length;) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === EXTRA_ZIP64) {
      const field = extra.subarray(at + 4, end);
      const count = Math.min(3, Math.floor(field.length / 8));
      return Array.from({ length: count }, (_, i) => Number(field.readBigUInt64LE(i * 8)));
    }
    at = end;
  }
  return [];
}

function locate(source: PackedSource, header: Header, { from: directoryAt }: Directory): ZipEntry {
  const { localAt, packedBytes, bytes, crc32 } = header;
  const local = source.at(localAt, LOCAL_BYTES);
  if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== LOCAL_SIGNATURE) {
    throw damaged('The file in the zip archive is not where its directory says.');
  }
  const from = localAt + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
  const to = from + packedBytes;
  if (to > directoryAt)
    throw damaged('The file in the zip archive is not where its directory says.');
  return { from, to, method: methodOf(header), bytes, crc32 };
}

function methodOf({ method }: Header): ZipEntry['method'] {
  if (method === 0) return 'stored';
  if (method === 8) return 'deflate';
  throw refused(
    `The file in the zip archive is packed by a method that is not read here (number ${method}).`,
    'Pack it by the usual method, deflate.',
  );
}
