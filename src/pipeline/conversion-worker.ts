import { parentPort, workerData } from 'node:worker_threads';
import { openCompressor } from '../parquet/compressor.ts';
import { convertFile } from './convert-file.ts';
import { identifyFile } from './identify-file.ts';
import { toWire, type WorkerAnswer, type WorkerJob, type WorkerSettings } from './worker-job.ts';

/** The worker thread: answers one job at a time, in the order in which they come. */
const { datasets, conversion } = workerData as WorkerSettings;
const compressor = await openCompressor(conversion.codec);

function answer(job: WorkerJob): WorkerAnswer {
  if (job.kind === 'identify') return { kind: 'identified', identity: identifyFile(job.source) };
  const dataset = datasets.find(({ name }) => name === job.dataset);
  if (dataset === undefined) throw new Error(`No dataset ${job.dataset}`);
  const { source, expected, outputs } = job;
  const result = convertFile(source, expected, dataset, outputs, conversion, compressor);
  return { kind: 'converted', result };
}

parentPort?.on('message', (job: WorkerJob) => {
  let reply: WorkerAnswer;
  try {
    reply = answer(job);
  } catch (error) {
    reply = { kind: 'failed', error: toWire(error) };
  }
  parentPort?.postMessage(reply);
});
