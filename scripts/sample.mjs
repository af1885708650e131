// Writes sample files of the student shape into the input folder. In comes a seed, out go CSV files that look like the
// published student data and hold no row of it: the same seed gives the same bytes. Each file appears complete under its
// final name, as a careful sender's does.
import { closeSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const help = `npm run sample -- [options]

Writes sample CSV files: sample-1.csv, sample-2.csv and so on.

  --files N    how many files (default 3)
  --rows N     rows of each (default 395)
  --seed N     0 to 4294967295; another seed gives other rows (default 1)
  --out DIR    an existing folder (default input_csv)
  --bad        also two files that fail: one with a 34th name in its header, one with a wrong value
  --help       this text
`;

const jobs = { at_home: 13, health: 7, other: 42, services: 26, teacher: 12 };
const education = { 0: 1, 1: 18, 2: 27, 3: 25, 4: 29 };

/**
 * The columns in the published order: name, then weights of values or a function of the random source and the row so far.
 * The published file quotes strings, and the grades G1 and G2 although they are numbers.
 */
const columns = [
  ['school', { GP: 88, MS: 12 }],
  ['sex', { F: 53, M: 47 }],
  ['age', { 15: 21, 16: 26, 17: 25, 18: 20, 19: 5, 20: 1, 21: 1, 22: 1 }],
  ['address', { U: 78, R: 22 }],
  ['famsize', { GT3: 71, LE3: 29 }],
  ['Pstatus', { T: 90, A: 10 }],
  ['Medu', education],
  ['Fedu', education],
  ['Mjob', jobs],
  ['Fjob', jobs],
  ['reason', { course: 37, home: 28, other: 9, reputation: 26 }],
  ['guardian', { mother: 69, father: 23, other: 8 }],
  ['traveltime', { 1: 65, 2: 27, 3: 6, 4: 2 }],
  ['studytime', { 1: 27, 2: 50, 3: 16, 4: 7 }],
  ['failures', { 0: 79, 1: 13, 2: 4, 3: 4 }],
  ['schoolsup', { yes: 13, no: 87 }],
  ['famsup', { yes: 61, no: 39 }],
  ['paid', { yes: 46, no: 54 }],
  ['activities', { yes: 51, no: 49 }],
  ['nursery', { yes: 79, no: 21 }],
  ['higher', { yes: 95, no: 5 }],
  ['internet', { yes: 83, no: 17 }],
  ['romantic', { yes: 33, no: 67 }],
  ['famrel', { 1: 2, 2: 5, 3: 17, 4: 49, 5: 27 }],
  ['freetime', { 1: 5, 2: 16, 3: 40, 4: 29, 5: 10 }],
  ['goout', { 1: 6, 2: 26, 3: 33, 4: 22, 5: 13 }],
  ['Dalc', { 1: 70, 2: 19, 3: 7, 4: 2, 5: 2 }],
  ['Walc', { 1: 38, 2: 22, 3: 20, 4: 13, 5: 7 }],
  ['health', { 1: 12, 2: 11, 3: 23, 4: 17, 5: 37 }],
  // Many students never miss a day; a few miss very many.
  ['absences', (random) => (random() < 0.29 ? 0 : clamp(-6.5 * Math.log(1 - random()) + 1, 1, 93))],
  ['G1', (random, { failures }) => clamp(11.4 - 1.6 * failures + 3 * normal(random), 0, 20)],
  ['G2', (random, { G1 }) => clamp(G1 - 0.2 + 1.6 * normal(random), 0, 20)],
  ['G3', (random, { G2 }) => clamp(G2 - 0.1 + 1.4 * normal(random), 0, 20)],
];
const header = columns.map(([name]) => name).join(';');
const quotedNumbers = new Set(['G1', 'G2']);

/** Uniform numbers from 0 to below 1, the same for the same seed on every machine: mulberry32. */
function randomSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick(weights, random) {
  const entries = Object.entries(weights);
  let left = random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  const [value] = entries.find(([, weight]) => (left -= weight) < 0) ?? entries.at(-1);
  return /^\d+$/.test(value) ? Number(value) : value;
}

/** About normal, mean 0, standard deviation 1: the sum of twelve uniform numbers less six. */
function normal(random) {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
}

function clamp(value, min, max) {
  return Math.min(max, Math.max(min, Math.round(value)));
}

function drawRow(random) {
  const row = {};
  for (const [name, draw] of columns) {
    row[name] = typeof draw === 'function' ? draw(random, row) : pick(draw, random);
  }
  return row;
}

function toLine(row) {
  const cells = columns.map(([name]) => {
    const quoted = typeof row[name] === 'string' || quotedNumbers.has(name);
    return quoted ? `"${row[name]}"` : String(row[name]);
  });
  return cells.join(';');
}

function* sampleLines(random, rows) {
  yield header;
  for (let i = 0; i < rows; i++) yield toLine(drawRow(random));
}

function* linesWithExtraColumn(random, rows) {
  for (const line of sampleLines(random, rows)) yield line === header ? `${header};G4` : line;
}

/** The age of the middle row is a word. */
function* linesWithWrongValue(random, rows) {
  let number = 0;
  for (const line of sampleLines(random, rows)) {
    const wrong = number++ === Math.ceil(rows / 2);
    yield wrong ? line.replace(/;\d+;/, ';"seventeen";') : line;
  }
}

/** Writes in pieces under a hidden name, then renames: the folder may be watched while a large file is written. */
function writeFileAtOnce(folder, name, lines) {
  const temporary = join(folder, `.${name}.tmp`);
  const file = openSync(temporary, 'w');
  try {
    let piece = '';
    for (const line of lines) {
      piece += `${line}\n`;
      if (piece.length > 1 << 20) {
        writeSync(file, piece);
        piece = '';
      }
    }
    writeSync(file, piece);
    closeSync(file);
    renameSync(temporary, join(folder, name));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

class UsageError extends Error {}

function readOptions() {
  const text = (value) => ({ type: 'string', default: value });
  const flag = { type: 'boolean', default: false };
  const options = {
    files: text('3'),
    rows: text('395'),
    seed: text('1'),
    out: text('input_csv'),
    bad: flag,
    help: flag,
  };
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    throw new UsageError(error.message, { cause: error });
  }
  return {
    ...values,
    files: wholeNumber('files', values.files, 0, 1_000_000),
    rows: wholeNumber('rows', values.rows, 1, 100_000_000),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 32 - 1),
  };
}

function wholeNumber(option, text, min, max) {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new UsageError(`--${option} takes a whole number from ${min} to ${max}, not "${text}".`);
}

function checkFolder(folder) {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new UsageError(`There is no folder ${folder}. Create it, or name another with --out.`);
}

function main() {
  const { files, rows, seed, out, bad, help: wantsHelp } = readOptions();
  if (wantsHelp) {
    process.stdout.write(help);
    return;
  }
  checkFolder(out);
  const random = randomSource(seed);
  const write = (name, lines) => {
    writeFileAtOnce(out, name, lines(random, rows));
    process.stdout.write(`${join(out, name)}\n`);
  };
  for (let i = 1; i <= files; i++) write(`sample-${i}.csv`, sampleLines);
  if (!bad) return;
  write('sample-bad-header.csv', linesWithExtraColumn);
  write('sample-bad-value.csv', linesWithWrongValue);
}

try {
  main();
} catch (error) {
  process.stderr.write(`sample: ${error.message}\n`);
  if (error instanceof UsageError) process.stderr.write('--help lists the options.\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
