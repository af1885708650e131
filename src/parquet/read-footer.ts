import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { counted } from '../core/counted.ts';
import { systemCode } from '../core/environment-error.ts';
import { ThriftCompactReader } from './thrift-compact-reader.ts';

const MAGIC = 'PAR1';
/** Spec: behind the footer its length, in four bytes, and the magic. */
const TAIL_BYTES = 8;
/** Far more than the footer of any file that csv-hopper writes; the length may be a damaged one. */
const FOOTER_BYTES_MAX = 256 << 20;

/** What the footer of a Parquet file says, as far as it is asked. */
export interface Footer {
  rows: number;
  /** Key and value pairs. */
  metadata: ReadonlyMap<string, string>;
}

/**
 * Reads the footer of a Parquet file; or says why that cannot be done, in a part of a sentence. The pages are not looked at.
 * Synchronous: it is a few kilobytes.
 */
export function readFooter(path: string): Footer | string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    return `it cannot be opened (${systemCode(error) ?? String(error)})`;
  }
  try {
    return readFooterOf(fd);
  } catch (error) {
    const code = systemCode(error);
    return code === undefined ? 'its footer is damaged' : `it cannot be read (${code})`;
  } finally {
    closeSync(fd);
  }
}

function readFooterOf(fd: number): Footer | string {
  const { size } = fstatSync(fd);
  if (size < MAGIC.length + TAIL_BYTES) return `it has ${counted(size, 'byte')}`;
  const tail = bytesAt(fd, size - TAIL_BYTES, TAIL_BYTES);
  const length = tail.readUInt32LE(0);
  if (tail.toString('latin1', 4) !== MAGIC) return 'its end is missing';
  if (length > Math.min(size - TAIL_BYTES - MAGIC.length, FOOTER_BYTES_MAX))
    return 'its footer is damaged';
  return parseFooter(bytesAt(fd, size - TAIL_BYTES - length, length));
}

/** Spec: parquet.thrift, FileMetaData: 3 num_rows, 5 key_value_metadata. */
function parseFooter(bytes: Uint8Array): Footer {
  const thrift = new ThriftCompactReader(bytes);
  const metadata = new Map<string, string>();
  const counts: number[] = [];
  thrift.struct((id) => {
    if (id === 3) counts.push(Number(thrift.integer()));
    else if (id === 5) {
      thrift.structList(() => {
        const [key, value] = readPair(thrift);
        metadata.set(key, value);
      });
    } else return false;
    return true;
  });
  const [rows] = counts;
  if (rows === undefined) throw new Error('The footer has no number of rows.');
  return { rows, metadata };
}

function readPair(thrift: ThriftCompactReader): [key: string, value: string] {
  const pair: [string, string] = ['', ''];
  thrift.struct((id) => {
    if (id !== 1 && id !== 2) return false;
    pair[id - 1] = thrift.string();
    return true;
  });
  return pair;
}

function bytesAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const got = readSync(fd, bytes, done, length - done, position + done);
    if (got === 0) throw new Error('The file ends early.');
    done += got;
  }
  return bytes;
}
