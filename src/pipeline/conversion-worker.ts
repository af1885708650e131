import { parentPort, workerData } from 'node:worker_threads';
import { openCompressor } from '../parquet/compressor.ts';
import { beginConversion } from './begin-conversion.ts';
import { ConversionTools } from './conversion-tools.ts';
import type { ConversionTask } from './conversion.ts';
import { convertFile } from './convert-file.ts';
import { convertPiece } from './convert-piece.ts';
import { finishConversion } from './finish-conversion.ts';
import { identifyFile } from './identify-file.ts';
import { settleRepeated } from './settle-repeated.ts';
import {
  toWire,
  type WorkerAnswer,
  type WorkerAnswers,
  type WorkerJob,
  type WorkerSettings,
  type WorkerTask,
} from './worker-job.ts';

/** The worker thread: answers one job at a time, in the order in which they come. */
const { datasets, conversion } = workerData as WorkerSettings;
const tools = new ConversionTools(conversion, await openCompressor(conversion.codec));

function taskOf(task: WorkerTask): ConversionTask {
  const dataset = datasets.find(({ name }) => name === task.dataset);
  if (dataset === undefined) throw new Error(`No dataset ${task.dataset}`);
  return { ...task, dataset };
}

function answer(job: WorkerJob): WorkerAnswers[WorkerJob['kind']] {
  switch (job.kind) {
    case 'identify':
      return identifyFile(job.source);
    case 'convert':
      return convertFile(taskOf(job.task), tools);
    case 'begin':
      return beginConversion(taskOf(job.task), conversion);
    case 'piece':
      return convertPiece(taskOf(job.task), job.beginning, job.piece, tools);
    case 'settle':
      return settleRepeated(taskOf(job.task), job.beginning, conversion);
    case 'finish':
      return finishConversion(taskOf(job.task), job.plan, job.pieces, conversion);
  }
}

parentPort?.on('message', (job: WorkerJob) => {
  let reply: WorkerAnswer;
  try {
    reply = { kind: 'done', answer: answer(job) };
  } catch (error) {
    reply = { kind: 'failed', error: toWire(error) };
  }
  parentPort?.postMessage(reply);
});
