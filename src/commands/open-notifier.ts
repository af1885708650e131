import type { Config } from '../config/config.ts';
import type { Notifier } from '../notify/notifier.ts';

/** Null where nobody is to be told; its code is loaded only where somebody is. */
export async function openNotifier({ notify, folders }: Config): Promise<Notifier | null> {
  if (notify === null) return null;
  const { Notifier } = await import('../notify/notifier.ts');
  return new Notifier({ config: notify, logsFolder: folders.logs, inputFolder: folders.input });
}
