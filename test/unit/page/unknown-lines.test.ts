import { expect, test } from 'vitest';
import { unknownLines } from '../../../src/page/log/unknown-lines.ts';
import type { LogLine } from '../../../src/serve/page-data.ts';

const line = (time: string, text: string): LogLine => ({
  ...{ time, text, level: 'info', event: 'found', msg: '' },
});

test('a line that came with the end of the log is not shown a second time when the news have it too', () => {
  const known = [line('T1', 'b found'), line('T1', 'a found')];
  const news = [line('T1', 'b found'), line('T1', 'c found'), line('T2', 'b found')];
  expect(unknownLines(news, known)).toEqual(news.slice(1));
});
