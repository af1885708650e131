import { BatchBuilder } from '../columns/batch-builder.ts';
import type { Compressor } from '../parquet/compressor.ts';
import { RowGroupEncoder } from '../parquet/row-group-encoder.ts';
import type { ConversionSettings, ConversionTask } from './conversion.ts';

/** What converts the rows of one dataset. */
interface DatasetTools {
  builder: BatchBuilder;
  encoder: RowGroupEncoder;
}

/**
 * What a thread keeps from one piece to the next: their memory is made once, not for each, which would let it grow to
 * several times as much before it is collected. Only the last dataset's is kept.
 */
export class ConversionTools {
  readonly settings: ConversionSettings;
  readonly #compressor: Compressor;
  #last: (DatasetTools & { name: string; renders: boolean }) | null = null;

  constructor(settings: ConversionSettings, compressor: Compressor) {
    this.settings = settings;
    this.#compressor = compressor;
  }

  for({ dataset, outputs }: ConversionTask): DatasetTools {
    const { name, columns, clean } = dataset;
    const renders = outputs.loadFile !== null;
    if (this.#last?.name !== name || this.#last.renders !== renders) {
      const builder = new BatchBuilder({ columns, clean, renders });
      const encoder = new RowGroupEncoder(columns, this.#compressor);
      this.#last = { name, renders, builder, encoder };
    }
    return this.#last;
  }
}
