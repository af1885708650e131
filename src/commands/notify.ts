import { HopperError } from '../errors/hopper-error.ts';
import { sendTest } from '../notify/notifier.ts';
import { type CommonOptions, DONE, openConfig, print } from './command.ts';

export interface NotifyOptions extends CommonOptions {
  test?: boolean;
}

/** `csv-hopper notify --test`: sends a notice that says nothing but that notices arrive. */
export async function notify(options: NotifyOptions): Promise<number> {
  const { notify: config, folders } = openConfig(options);
  if (options.test !== true) {
    throw new HopperError('usage_invalid', {
      message: 'notify sends a notice only with --test: start and ingest send those that matter.',
      hint: 'csv-hopper notify --test tries the receiver.',
    });
  }
  if (config === null) {
    throw new HopperError('usage_invalid', {
      message: 'The configuration names no receiver of notices.',
      hint: 'Add notify with its url; docs/NOTIFICATIONS.md shows how.',
    });
  }
  await sendTest({ config, logsFolder: folders.logs, inputFolder: folders.input });
  print(`a test notice was taken, ${config.secret === null ? 'not signed' : 'signed'}`);
  return DONE;
}
