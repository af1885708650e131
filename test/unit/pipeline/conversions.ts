import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { openCompressor } from '../../../src/parquet/compressor.ts';
import type {
  ConversionOutputs,
  ConversionResult,
  ConversionSettings,
  RefusedByTable,
  SourceState,
} from '../../../src/pipeline/conversion.ts';
import { makeTools } from '../../../src/pipeline/conversion-tools.ts';
import { convertFile } from '../../../src/pipeline/convert-file.ts';
import { stateOf } from '../../../src/pipeline/source-state.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import type {
  CleanOptions,
  Dialect,
  Diversion,
  HeaderPolicy,
} from '../../../src/schema/dataset.ts';
import type { RowCheck } from '../../../src/schema/row-check.ts';
import { datasetOf } from '../../support/loads.ts';
import { readWithHyparquet, type Table } from '../parquet/read-back.ts';

const kernel = new Kernel();
const compressor = await openCompressor('none', 'large');

const settings: ConversionSettings = {
  codec: 'none',
  rowGroupRows: 1000,
  lineBytesMax: 16 << 20,
  problemsMax: 100,
  pieceBytesMax: 16 << 20,
  fingerprintBytesMax: 32 << 20,
};

export interface ConvertOptions {
  clean?: Partial<CleanOptions>;
  checks?: readonly RowCheck[];
  uniqueKeys?: readonly (readonly string[])[];
  dialect?: Dialect;
  diversion?: Diversion;
  headerPolicy?: HeaderPolicy;
  rejectFormulas?: 'neutralised';
  settings?: Partial<ConversionSettings>;
  outputs?: Partial<ConversionOutputs>;
  refused?: RefusedByTable;
  /** What the source was when it was identified; default: what it is. */
  expected?: SourceState;
}

/** A folder in which files are converted. */
export class Conversions {
  readonly folder = mkdtempSync(join(tmpdir(), 'hopper-convert-'));
  readonly source = join(this.folder, 'a.csv');
  readonly parquet = join(this.folder, 'a.parquet.tmp');
  readonly loadFile = join(this.folder, 'rows.tsv');

  write(content: string | Uint8Array): SourceState {
    writeFileSync(this.source, content);
    const fd = openSync(this.source, 'r');
    try {
      return stateOf(fd);
    } finally {
      closeSync(fd);
    }
  }

  convert(
    content: string | Uint8Array,
    columns: Column[],
    options: ConvertOptions = {},
  ): ConversionResult {
    const state = this.write(content);
    const dataset = datasetOf('d', columns);
    const { clean } = options;
    const task = {
      source: this.source,
      expected: options.expected ?? state,
      dataset: {
        ...dataset,
        checks: options.checks ?? [],
        uniqueKeys: options.uniqueKeys ?? [],
        clean: { ...dataset.clean, ...clean },
        dialect: options.dialect ?? null,
        diversion: options.diversion ?? null,
        ...(options.headerPolicy !== undefined && { headerPolicy: options.headerPolicy }),
        ...(options.rejectFormulas !== undefined && { rejectFormulas: options.rejectFormulas }),
      },
      outputs: {
        ...{ parquet: this.parquet, loadFile: this.loadFile, metadata: { a: 'b' } },
        scratch: join(this.folder, '.spilled-rows'),
        decoded: join(this.folder, '.decoded'),
        ...options.outputs,
      },
      ...(options.refused !== undefined && { refused: options.refused }),
    };
    const tools = makeTools(task, { ...settings, ...options.settings }, compressor, kernel);
    try {
      return convertFile(task, tools);
    } finally {
      // Memory that is not given back stays for the next conversion of a test with hundreds.
      tools.builder.close();
      tools.encoder.close();
    }
  }

  readParquet(): Promise<Table> {
    return readWithHyparquet(this.parquet);
  }

  /** The load files of all pieces. */
  readLoadFile(): string {
    const names = this.outputs().filter((name) => name.startsWith('rows.tsv.'));
    const pieceOf = (name: string): number => Number(name.slice('rows.tsv.'.length));
    names.sort((a, b) => pieceOf(a) - pieceOf(b));
    return names.map((name) => readFileSync(join(this.folder, name), 'utf8')).join('');
  }

  /** The outputs that there are. */
  outputs(): string[] {
    return readdirSync(this.folder).filter((name) => name !== 'a.csv');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
