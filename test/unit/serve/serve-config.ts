import { configSchema } from '../../../src/config/config-schema.ts';
import type { ServeConfig } from '../../../src/config/config.ts';
import { SecretReader } from '../../../src/config/read-secret.ts';
import { readServe } from '../../../src/config/read-serve.ts';

/** What a `serve` in the configuration comes to. */
export function serveConfig(serve: object = {}): ServeConfig {
  const read = readServe(configSchema.parse({ serve }).serve, new SecretReader({}));
  if (read === null || Array.isArray(read)) throw new Error(JSON.stringify(read));
  return read;
}

export const secrets = {
  viewer: 'viewer-0123456789abcdef0123456789',
  sender: 'sender-0123456789abcdef0123456789',
  operator: 'operator-0123456789abcdef01234567',
};

/** A token for each role, by its name. */
export const tokens = Object.entries(secrets).map(([role, token]) => ({
  ...{ name: `the-${role}`, role, token },
}));
