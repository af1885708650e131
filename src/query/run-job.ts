import { readHistory } from './load-history.ts';
import { answerRows } from './answer-rows.ts';
import { sendCsv } from './csv-download.ts';
import type { ParquetDatabase } from './parquet-database.ts';
import type { QueryAnswer, QueryJob, QuerySettings } from './query-job.ts';
import { summariseDataset } from './summarise-dataset.ts';

/** Does one job. `send` takes the parts of an answer that is not given as a whole. */
export async function runJob(
  database: ParquetDatabase,
  { outputFolder, datasets }: Pick<QuerySettings, 'outputFolder' | 'datasets'>,
  job: QueryJob,
  send: (bytes: Uint8Array) => Promise<void>,
): Promise<QueryAnswer> {
  switch (job.kind) {
    case 'rows':
      return answerRows(database, job.sql, job.rowsMax);
    case 'csv':
      return sendCsv(database, job, send);
    case 'summary': {
      const dataset = datasets.find(({ name }) => name === job.dataset);
      if (dataset === undefined) throw new Error(`No dataset ${job.dataset}`);
      return answerOf(await summariseDataset(database, dataset), job.dataset);
    }
    case 'history':
      return answerOf(await readHistory(outputFolder, job.dataset), job.dataset);
  }
}

function answerOf(json: unknown, dataset: string): QueryAnswer {
  return { body: JSON.stringify(json), datasets: [dataset], isStable: true };
}
