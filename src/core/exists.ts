import { lstatIfThere } from './brief-calls.ts';

/** Whether anything has this name, a link that leads nowhere included. */
export async function exists(path: string): Promise<boolean> {
  return (await lstatIfThere(path)) !== null;
}
