import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lstatIfThere } from '../core/brief-calls.ts';
import { syncFolder, writeFileDurably } from '../core/durable-file.ts';
import { systemCode } from '../core/environment-error.ts';
import { exists } from '../core/exists.ts';
import { removeTemporaries } from '../core/remove-temporaries.ts';
import { earlierName, receiptName, type SenderReceipt } from './sender-receipt.ts';

/** Where receipts go whose place a newer one has taken. No file of a sender has a slash in its name, so nothing collides. */
const EARLIER = 'earlier';

/** What is larger was not written here. */
const RECEIPT_BYTES_MAX = 1 << 20;

/** By which a receipt is known again. */
type Known = Pick<SenderReceipt, 'loadId' | 'verdict'> & { text: string };

/**
 * The folder in which senders find a receipt for each file, under its name: the newest. One of another load, or with another verdict, is
 * kept among the earlier ones. A receipt is complete and durable when a call returns, and a call can be repeated.
 */
export class SenderReceipts {
  readonly folder: string;
  /** The last call for each name that is at work: two files of one name may end at the same time. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the folder, and removes what a killed run was writing there. */
  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const folder of [this.folder, join(this.folder, EARLIER)])
      if (await exists(folder)) await removeTemporaries(folder);
  }

  /** Writes the newest receipt of a file. Throws the system's errors. */
  put(receipt: SenderReceipt): Promise<void> {
    return this.#inTurn(receipt, () => this.#put(receipt));
  }

  /** The same, unless there is a receipt of that load: for a load that had ended before a crash, with its receipt or without. */
  putIfMissing(receipt: SenderReceipt): Promise<void> {
    return this.#inTurn(receipt, async () => {
      const there = await knownAt(this.#path(receipt));
      if (there !== null && there !== 'other' && there.loadId === receipt.loadId) return;
      if (await exists(this.#earlierPath(receipt))) return;
      await this.#put(receipt);
    });
  }

  /** The same, but among the earlier ones if the newest is of another load: for what is said of a load afterwards. */
  putBelated(receipt: SenderReceipt): Promise<void> {
    return this.#inTurn(receipt, async () => {
      const there = await knownAt(this.#path(receipt));
      if (there === null || there === 'other' || there.loadId === receipt.loadId) {
        await this.#put(receipt);
        return;
      }
      await writeIn(this.#earlierPath(receipt), textOf(receipt));
    });
  }

  async #put(receipt: SenderReceipt): Promise<void> {
    const path = this.#path(receipt);
    const there = await knownAt(path);
    if (there === 'other') {
      // What is no receipt of ours, such as a folder or somebody's file, is not overwritten.
      const id = randomBytes(4).toString('hex');
      await moveAside(path, join(this.folder, EARLIER, earlierName(receipt.file, id)));
    } else if (
      there !== null &&
      !(there.loadId === receipt.loadId && there.verdict === receipt.verdict)
    ) {
      // A copy, so that a sender who looks now, or after a crash, finds the one before or the new one, and never none.
      const name = earlierName(receipt.file, there.loadId);
      await writeIn(join(this.folder, EARLIER, name), there.text);
    }
    await writeIn(path, textOf(receipt));
  }

  #path({ file }: SenderReceipt): string {
    return join(this.folder, receiptName(file));
  }

  #earlierPath({ file, loadId }: SenderReceipt): string {
    return join(this.folder, EARLIER, earlierName(file, loadId));
  }

  #inTurn({ file }: SenderReceipt, action: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(file);
    const turn = before === undefined ? action() : before.then(action, action);
    this.#turns.set(file, turn);
    const end = (): void => {
      if (this.#turns.get(file) === turn) this.#turns.delete(file);
    };
    turn.then(end, end);
    return turn;
  }
}

function textOf(receipt: SenderReceipt): string {
  return `${JSON.stringify(receipt, null, 2)}\n`;
}

async function moveAside(path: string, earlier: string): Promise<void> {
  await mkdir(dirname(earlier), { recursive: true });
  try {
    await rename(path, earlier);
  } catch (error) {
    // Its sender has taken it away.
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  await syncFolder(dirname(earlier));
}

async function writeIn(path: string, text: string): Promise<void> {
  try {
    await writeFileDurably(path, text);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    await writeFileDurably(path, text);
  }
}

/** What lies at the path of a receipt: nothing, a receipt, or something else. */
async function knownAt(path: string): Promise<Known | 'other' | null> {
  const stats = await lstatIfThere(path);
  if (stats === null) return null;
  // A FIFO would be read for ever.
  if (!stats.isFile() || stats.size > RECEIPT_BYTES_MAX) return 'other';
  try {
    const text = await readFile(path, 'utf8');
    const value: unknown = JSON.parse(text);
    return isReceipt(value) ? { loadId: value.loadId, verdict: value.verdict, text } : 'other';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return null;
    if (error instanceof SyntaxError || code === 'EACCES') return 'other';
    throw error;
  }
}

/** Whoever may write here may write anything, and the load id becomes a part of a name. */
function isReceipt(value: unknown): value is Pick<Known, 'loadId' | 'verdict'> {
  if (typeof value !== 'object' || value === null) return false;
  if (!('loadId' in value && 'verdict' in value)) return false;
  const { loadId } = value;
  return loadId === null || (typeof loadId === 'string' && /^[0-9a-f]{32}$/.test(loadId));
}
