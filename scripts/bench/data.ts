// Makes the CSV files, each with a fixed seed, or takes those that an earlier run has left in the folder.
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Cleanup } from './cleanup.ts';
import { measureProcess } from './measured-process.ts';
import { orderHeader, orderRows } from './order-rows.ts';
import { orders, repository, type Shape, students } from './shape.ts';

const SEED = 1;
/** Rows written at a time. */
const PIECE_ROWS = 5_000;
/** Rows of a small file: 56 KB, as the published student data has. */
export const SMALL_FILE_ROWS = 395;

export interface DataFile {
  shape: Shape;
  path: string;
  bytes: number;
  rows: number;
}

export interface Data {
  students: DataFile;
  orders: DataFile;
  /** For the straightforward program, which would take minutes over the others. */
  fewStudents: DataFile;
  /** Ten times as long; none where memory is not compared. */
  large: DataFile[];
  smallFolder: string;
  smallFiles: string[];
  smallBytes: number;
}

export interface DataSizes {
  studentRows: number;
  orderRows: number;
  fewStudentRows: number;
  smallFiles: number;
  /** How many times as large the large files are; 0 for none. */
  largeTimes: number;
}

/** 200 MB of students and 215 MB of orders; 30 MB of each where it has to be quick. */
export function dataSizes(quick: boolean, large: boolean): DataSizes {
  const largeTimes = large ? 10 : 0;
  return quick
    ? {
        studentRows: 210_000,
        orderRows: 280_000,
        fewStudentRows: 7_000,
        smallFiles: 199,
        largeTimes,
      }
    : {
        studentRows: 1_400_000,
        orderRows: 2_000_000,
        fewStudentRows: 35_000,
        smallFiles: 999,
        largeTimes,
      };
}

/** `folder` exists. A file that is there under its name is whole, and of this seed and number of rows. */
export async function provideData(
  folder: string,
  sizes: DataSizes,
  cleanup: Cleanup,
): Promise<Data> {
  const student = (rows: number): Promise<DataFile> => studentFile(folder, rows, cleanup);
  const order = (rows: number): Promise<DataFile> => orderFile(folder, rows, cleanup);
  const smallFolder = await studentFolder(folder, sizes.smallFiles, SMALL_FILE_ROWS, cleanup);
  const smallFiles = readdirSync(smallFolder).sort();
  const bytesOf = (name: string): number => statSync(join(smallFolder, name)).size;
  const { studentRows, orderRows, largeTimes } = sizes;
  return {
    students: await student(studentRows),
    orders: await order(orderRows),
    fewStudents: await student(sizes.fewStudentRows),
    large:
      largeTimes === 0
        ? []
        : [await student(studentRows * largeTimes), await order(orderRows * largeTimes)],
    smallFolder,
    smallFiles,
    smallBytes: smallFiles.reduce((sum, name) => sum + bytesOf(name), 0),
  };
}

async function studentFile(folder: string, rows: number, cleanup: Cleanup): Promise<DataFile> {
  const files = await studentFolder(folder, 1, rows, cleanup);
  const path = join(files, 'sample-1.csv');
  return { shape: students, path, bytes: statSync(path).size, rows };
}

/** A folder of so many student files of so many rows each, made by scripts/sample.mjs. */
async function studentFolder(
  folder: string,
  files: number,
  rows: number,
  cleanup: Cleanup,
): Promise<string> {
  const made = join(folder, `students-${files}x${rows}-seed-${SEED}`);
  if (existsSync(made)) return made;
  const making = `${made}.tmp`;
  removeAtEnd(making, cleanup);
  mkdirSync(making, { recursive: true });
  process.stderr.write(`making ${made}\n`);
  const counts = ['--files', String(files), '--rows', String(rows), '--seed', String(SEED)];
  const words = [join(repository, 'scripts/sample.mjs'), ...counts, '--out', making];
  await measureProcess(process.execPath, words, { cwd: folder, cleanup });
  renameSync(making, made);
  return made;
}

async function orderFile(folder: string, rows: number, cleanup: Cleanup): Promise<DataFile> {
  const path = join(folder, `orders-${rows}-seed-${SEED}.csv`);
  if (!existsSync(path)) {
    process.stderr.write(`making ${path}\n`);
    removeAtEnd(`${path}.tmp`, cleanup);
    await pipeline(Readable.from(orderPieces(rows)), createWriteStream(`${path}.tmp`));
    renameSync(`${path}.tmp`, path);
  }
  return { shape: orders, path, bytes: statSync(path).size, rows };
}

function* orderPieces(rows: number): Generator<string> {
  let piece = [orderHeader];
  for (const row of orderRows(rows, SEED)) {
    piece.push(row);
    if (piece.length < PIECE_ROWS) continue;
    yield `${piece.join('\n')}\n`;
    piece = [];
  }
  if (piece.length > 0) yield `${piece.join('\n')}\n`;
}

/** What is half made when an interrupt comes; whole, it has another name. */
function removeAtEnd(path: string, cleanup: Cleanup): void {
  cleanup.add(() => {
    rmSync(path, { recursive: true, force: true });
  });
}
