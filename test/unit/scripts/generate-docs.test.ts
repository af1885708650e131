import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatedDocs } from '../../../scripts/generate-docs.ts';

const root = join(import.meta.dirname, '../../..');

test.each(Object.entries(generatedDocs()))(
  '%s is what `tsx scripts/generate-docs.ts` writes',
  (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  },
);
