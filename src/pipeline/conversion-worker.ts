import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Dataset } from '../schema/dataset.ts';
import { beginConversion } from './begin-conversion.ts';
import { ToolBox } from './conversion-tools.ts';
import type { ConversionTask } from './conversion.ts';
import { convertFile } from './convert-file.ts';
import { convertPiece } from './convert-piece.ts';
import { decodeSource } from './decode-source.ts';
import { finishConversion } from './finish-conversion.ts';
import { giveWay } from './give-way.ts';
import { identifyFile } from './identify-file.ts';
import { readSource } from './read-source.ts';
import { settleRows } from './settle-rows.ts';
import { withSource } from './source-state.ts';
import {
  STARTED,
  toWire,
  type WorkerAnswer,
  type WorkerAnswers,
  type WorkerJob,
  type WorkerMessage,
  type WorkerReply,
  type WorkerSettings,
  type WorkerTask,
} from './worker-job.ts';

/**
 * The worker thread: does one job at a time, in the order in which they come, and answers those of a message together. Only while it
 * hashes or decodes a large source are others done in between.
 */
const { datasets, conversion, unpacking, givesWay } = workerData as WorkerSettings;
const toolBox = new ToolBox(conversion);
if (givesWay) giveWay();

function datasetOf(wanted: string): Dataset {
  const dataset = datasets.find(({ name }) => name === wanted);
  if (dataset === undefined) throw new Error(`No dataset ${wanted}`);
  return dataset;
}

function taskOf(task: WorkerTask): ConversionTask {
  return { ...task, dataset: datasetOf(task.dataset) };
}

async function answer(job: WorkerJob): Promise<WorkerAnswers[WorkerJob['kind']]> {
  if (job.kind === 'identify') return identifyFile(job.source, letOthersPass);
  if (job.kind === 'read') return readSource(job, datasetOf(job.dataset), toolBox, letOthersPass);
  if (job.kind === 'decode') return decodeSource(job.task, job.form, unpacking, letOthersPass);
  const task = taskOf(job.task);
  switch (job.kind) {
    case 'convert':
      return convertFile(task, await toolBox.for(task));
    case 'begin':
      return withSource(task, (open) => beginConversion(open, conversion, toolBox.kernel));
    case 'piece': {
      const tools = await toolBox.for(task);
      return withSource(task, (open) => convertPiece(open, job.beginning, job.piece, tools));
    }
    case 'settle':
      return withSource(task, (open) =>
        settleRows(open, job.beginning, conversion, toolBox.kernel),
      );
    case 'finish':
      return withSource(task, (open) => {
        const { kernel } = toolBox;
        const source = { ...open, ...job.beginning, settings: conversion, kernel };
        return finishConversion(source, job.pieces);
      });
  }
}

async function reply(job: WorkerJob): Promise<WorkerAnswer> {
  try {
    return { kind: 'done', answer: await answer(job) };
  } catch (error) {
    return { kind: 'failed', error: toWire(error) };
  }
}

async function serve({ id, jobs }: WorkerMessage): Promise<void> {
  const answers: WorkerAnswer[] = [];
  for (const job of jobs) answers.push(await reply(job));
  const answered: WorkerReply = { id, answers };
  parentPort?.postMessage(answered);
}

/** Messages that have come and that nobody has begun to serve. */
const arrived: WorkerMessage[] = [];

/** The next of them, or of those that the port holds back while the thread does not wait for anything. */
function nextMessage(): WorkerMessage | undefined {
  const [next] = arrived.splice(0, 1);
  if (next !== undefined || parentPort === null) return next;
  const held = receiveMessageOnPort(parentPort) as { message: WorkerMessage } | undefined;
  return held?.message;
}

/** Does the jobs that have come since. */
async function letOthersPass(): Promise<void> {
  for (let next = nextMessage(); next !== undefined; next = nextMessage()) await serve(next);
}

parentPort?.postMessage(STARTED);
let last = Promise.resolve();
parentPort?.on('message', (message: WorkerMessage) => {
  // Jobs are answered in their order, also where one has to wait for a module to be loaded.
  arrived.push(message);
  last = last.then(async () => {
    const [next] = arrived.splice(0, 1);
    // Done already, while another one let it pass.
    if (next !== undefined) await serve(next);
  });
});
