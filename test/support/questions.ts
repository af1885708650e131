import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './hopper-process.ts';

/** Saves questions in a project: text by the name of the file. */
export function writeQuestions(root: string, questions: Readonly<Record<string, string>>): void {
  mkdirSync(join(root, 'queries'), { recursive: true });
  for (const [name, text] of Object.entries(questions)) {
    writeFileSync(join(root, 'queries', name), text);
  }
}

/** The shipped questions. */
export function copyQuestions(root: string): void {
  cpSync(join(repository, 'queries'), join(root, 'queries'), { recursive: true });
}
