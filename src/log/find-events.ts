// Finds what the conversion log has of one file or load. The newest logs are read, up to a limit: a search must not read for minutes.
import { open } from 'node:fs/promises';
import { systemCode } from '../core/environment-error.ts';
import { logFile, rotatedFiles } from './rotated-files.ts';
import { type LoggedEvent, parsedLine } from './logged-event.ts';

const BYTES_MAX = 128 * 1024 * 1024;
const CHUNK_BYTES = 1 << 20;

export interface EventSearch {
  folder: string;
  /** The name of the file. */
  file: string;
  /** Of which load; null for all that the file's name stands in. */
  loadId: string | null;
  /** The last ones are found. */
  max: number;
}

/** The events of a file, oldest first. Those without a load id are of the load that the file then turned out to be. */
export async function findEvents({
  folder,
  file,
  loadId,
  max,
}: EventSearch): Promise<LoggedEvent[]> {
  // As pino has written it, so that most lines need not be parsed.
  const mark = Buffer.from(`"file":${JSON.stringify(file)}`);
  let found: LoggedEvent[] = [];
  let bytesLeft = BYTES_MAX;
  const paths = [...rotatedFiles(folder, 'jsonl'), logFile(folder, 'jsonl')].reverse();
  for (const path of paths) {
    if (bytesLeft <= 0 || found.length >= max) break;
    const { events, bytes } = await eventsIn(path, mark, bytesLeft);
    found = [...events.filter((event) => event['file'] === file), ...found];
    bytesLeft -= bytes;
  }
  return (loadId === null ? found : ofLoad(found, loadId)).slice(-max);
}

function ofLoad(events: readonly LoggedEvent[], loadId: string): LoggedEvent[] {
  let next: unknown = null;
  const kept: LoggedEvent[] = [];
  for (const event of events.toReversed()) {
    if (event['loadId'] !== undefined) next = event['loadId'];
    if (next === loadId) kept.unshift(event);
  }
  return kept;
}

/** Of the end of a file. */
async function eventsIn(
  path: string,
  mark: Buffer,
  bytesMax: number,
): Promise<{ events: LoggedEvent[]; bytes: number }> {
  const events: LoggedEvent[] = [];
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (handle === null) return { events, bytes: 0 };
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - bytesMax);
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let begun = Buffer.alloc(0);
    for (let at = from; at < size;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const bytes = Buffer.concat([begun, chunk.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(10) + 1;
      collect(bytes.subarray(0, end), mark, events);
      begun = Buffer.from(bytes.subarray(end));
    }
    return { events, bytes: size - from };
  } finally {
    await handle.close();
  }
}

/** Takes the events out of whole lines that have the mark. */
function collect(lines: Buffer, mark: Buffer, events: LoggedEvent[]): void {
  for (let at = lines.indexOf(mark); at !== -1;) {
    const start = lines.lastIndexOf(10, at) + 1;
    const end = lines.indexOf(10, at);
    const event = parsedLine(lines.toString('utf8', start, end));
    if (event !== null) events.push(event);
    at = lines.indexOf(mark, end);
  }
}
