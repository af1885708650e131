import type { LogLine } from '../../serve/page-data.ts';

/** News that the page was not given with the end of the log already, which is read at another moment. */
export function unknownLines(news: readonly LogLine[], known: readonly LogLine[]): LogLine[] {
  return news.filter(
    (line) => !known.some(({ time, text }) => time === line.time && text === line.text),
  );
}
