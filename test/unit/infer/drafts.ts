import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DraftSchema, draftSchema } from '../../../src/infer/draft-schema.ts';
import { type FileProfile, profileFile } from '../../../src/infer/profile-file.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';

const kernel = new Kernel();

/** Profiles a file of this content. */
export async function profileOf(
  content: string | Uint8Array,
  delimiter: string | null = null,
  lineBytesMax = 1 << 20,
): Promise<FileProfile> {
  const folder = mkdtempSync(join(tmpdir(), 'hopper-infer-'));
  const path = join(folder, 'a.csv');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  try {
    const bytes = fstatSync(fd).size;
    const file = { fd, bytes, lineBytesMax, kernel, onProgress: () => undefined };
    return await profileFile(file, delimiter);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

/** Drafts a schema for a single column of these cells, beside one that numbers them. */
export async function draftColumn(cells: readonly string[]): Promise<DraftSchema> {
  const rows = cells.map((cell, i) => `${i},"${cell.replaceAll('"', '""')}"\n`);
  const draft = draftSchema(await profileOf(`n,c\n${rows.join('')}`));
  return { ...draft, columns: draft.columns.slice(1) };
}
