import { parentPort, workerData } from 'node:worker_threads';
import { beginConversion } from './begin-conversion.ts';
import { ToolBox } from './conversion-tools.ts';
import type { ConversionTask } from './conversion.ts';
import { convertFile } from './convert-file.ts';
import { convertPiece } from './convert-piece.ts';
import { finishConversion } from './finish-conversion.ts';
import { giveWay } from './give-way.ts';
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
const { datasets, conversion, givesWay } = workerData as WorkerSettings;
const toolBox = new ToolBox(conversion);
if (givesWay) giveWay();

function taskOf(task: WorkerTask): ConversionTask {
  const dataset = datasets.find(({ name }) => name === task.dataset);
  if (dataset === undefined) throw new Error(`No dataset ${task.dataset}`);
  return { ...task, dataset };
}

async function answer(job: WorkerJob): Promise<WorkerAnswers[WorkerJob['kind']]> {
  if (job.kind === 'identify') return identifyFile(job.source);
  const task = taskOf(job.task);
  switch (job.kind) {
    case 'convert':
      return convertFile(task, await toolBox.for(task));
    case 'begin':
      return beginConversion(task, conversion);
    case 'piece':
      return convertPiece(task, job.beginning, job.piece, await toolBox.for(task));
    case 'settle':
      return settleRepeated(task, job.beginning, conversion, toolBox.kernel);
    case 'finish':
      return finishConversion(task, job.plan, job.pieces, conversion);
  }
}

async function reply(job: WorkerJob): Promise<WorkerAnswer> {
  try {
    return { kind: 'done', answer: await answer(job) };
  } catch (error) {
    return { kind: 'failed', error: toWire(error) };
  }
}

let last = Promise.resolve();
parentPort?.on('message', (job: WorkerJob) => {
  // Jobs are answered in their order, also where one has to wait for a module to be loaded.
  last = last.then(async () => {
    parentPort?.postMessage(await reply(job));
  });
});
