import type { Config } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { ServicePlan } from '../../src/systemd/service-plan.ts';
import { repository } from './hopper-process.ts';
import { join } from 'node:path';

/** A service of the shipped configuration in a folder of its own, with what a test changes. */
export function planWith(
  config: Partial<Config> = {},
  plan: Partial<Omit<ServicePlan, 'config'>> = {},
): ServicePlan {
  const shipped = readConfig(join(repository, 'config/config.yaml'), {});
  const folder = '/srv/csv-hopper';
  const folders = {
    input: `${folder}/input_csv`,
    output: `${folder}/output_parquet`,
    failed: `${folder}/input_csv/output_failed`,
    archive: `${folder}/input_csv/archive`,
    receipts: null,
    logs: `${folder}/logs`,
  };
  return {
    name: 'csv-hopper',
    config: { ...shipped, file: `${folder}/config/config.yaml`, folders, ...config },
    workingFolder: folder,
    node: process.execPath,
    cli: `${folder}/dist/cli.js`,
    runAs: 'csv-hopper',
    environmentFile: null,
    schedule: null,
    ...plan,
  };
}

export const localDatabase: NonNullable<Config['database']> = {
  host: '127.0.0.1',
  port: 3306,
  user: 'hopper',
  password: 'not to be seen',
  database: 'lake',
  tls: null,
  connectTimeoutMs: 1000,
  queryTimeoutMs: 1000,
};

export const notify: NonNullable<Config['notify']> = {
  url: 'https://example.org/not-to-be-seen',
  ca: null,
  secret: null,
  events: ['failed'],
  groupMs: 1000,
  timeoutMs: 1000,
};
