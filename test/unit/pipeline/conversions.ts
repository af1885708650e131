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
import { openCompressor } from '../../../src/parquet/compressor.ts';
import type {
  ConversionOutputs,
  ConversionResult,
  ConversionSettings,
  SourceState,
} from '../../../src/pipeline/conversion.ts';
import { convertFile, stateOf } from '../../../src/pipeline/convert-file.ts';
import type { Column } from '../../../src/schema/column-type.ts';
import type { CleanOptions, Dialect } from '../../../src/schema/dataset.ts';
import { datasetOf } from '../../support/loads.ts';
import { readWithHyparquet, type Table } from '../parquet/read-back.ts';

const compressor = await openCompressor('none');

const settings: ConversionSettings = {
  codec: 'none',
  rowGroupRows: 1000,
  lineBytesMax: 16 << 20,
  problemsMax: 100,
};

export interface ConvertOptions {
  clean?: Partial<CleanOptions>;
  dialect?: Dialect;
  settings?: Partial<ConversionSettings>;
  outputs?: Partial<ConversionOutputs>;
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
    return convertFile(
      this.source,
      options.expected ?? state,
      {
        ...dataset,
        clean: { ...dataset.clean, ...options.clean },
        dialect: options.dialect ?? null,
      },
      { parquet: this.parquet, loadFile: this.loadFile, metadata: { a: 'b' }, ...options.outputs },
      { ...settings, ...options.settings },
      compressor,
    );
  }

  readParquet(): Promise<Table> {
    return readWithHyparquet(this.parquet);
  }

  readLoadFile(): string {
    return readFileSync(this.loadFile, 'utf8');
  }

  /** The outputs that there are. */
  outputs(): string[] {
    return readdirSync(this.folder).filter((name) => name !== 'a.csv');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
