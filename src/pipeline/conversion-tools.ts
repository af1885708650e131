import { BatchBuilder } from '../columns/batch-builder.ts';
import { Kernel } from '../kernel/kernel.ts';
import { type Compressor, openCompressor } from '../parquet/compressor.ts';
import { RowGroupEncoder } from '../parquet/row-group-encoder.ts';
import { PIECE_BYTES_MIN } from './conversion-plan.ts';
import type { ConversionSettings, ConversionTask } from './conversion.ts';

/** What converts the rows of one dataset, besides the rows. */
export interface ConversionTools {
  settings: ConversionSettings;
  builder: BatchBuilder;
  encoder: RowGroupEncoder;
  kernel: Kernel;
}

export function makeTools(
  { dataset, outputs }: ConversionTask,
  settings: ConversionSettings,
  compressor: Compressor,
  kernel: Kernel,
): ConversionTools {
  const { columns, checks = [], clean } = dataset;
  const renders = outputs.loadFile !== null;
  const builder = new BatchBuilder({ columns, checks, clean, renders, kernel });
  return { settings, builder, encoder: new RowGroupEncoder(columns, compressor, kernel), kernel };
}

/**
 * Keeps the tools of the last job for the next one of its kind: their memory is made once, not for each piece, which
 * would let it grow to several times as much before it is collected.
 */
export class ToolBox {
  /** The kernel of this thread. */
  readonly kernel = new Kernel();
  readonly #settings: ConversionSettings;
  readonly #compressors = new Map<'small' | 'large', Compressor>();
  #kind = '';
  #tools: ConversionTools | null = null;

  constructor(settings: ConversionSettings) {
    this.#settings = settings;
  }

  async for(task: ConversionTask): Promise<ConversionTools> {
    const pages = task.expected.bytes < PIECE_BYTES_MIN ? 'small' : 'large';
    const kind = `${task.dataset.name} ${pages} ${task.outputs.loadFile !== null}`;
    if (this.#tools === null || kind !== this.#kind) {
      const { codec } = this.#settings;
      const compressor = this.#compressors.get(pages) ?? (await openCompressor(codec, pages));
      this.#compressors.set(pages, compressor);
      this.#tools?.builder.close();
      this.#tools?.encoder.close();
      // Their memory is given back once, also where the next ones cannot be made.
      this.#tools = null;
      this.#tools = makeTools(task, this.#settings, compressor, this.kernel);
      this.#kind = kind;
    }
    return this.#tools;
  }
}
