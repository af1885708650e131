import { isLoopback } from '../core/listen-address.ts';
import type { YamlProblem } from '../core/yaml-file.ts';
import type { NotifyConfig } from './config.ts';
import type { NotifyValues } from './notify-schema.ts';
import type { SecretReader } from './read-secret.ts';
import { readText } from './read-text.ts';

const SECRET_START = 'whsec_';
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;

/** What `notify` says, or what is wrong with it. Neither URL nor secret is quoted. Throws config_unreadable. */
export function readNotify(
  values: NotifyValues,
  secrets: SecretReader,
): NotifyConfig | YamlProblem[] {
  const urlKey = values.url === undefined ? 'url_file' : 'url';
  const secretKey = values.secret === undefined ? 'secret_file' : 'secret';
  const url = values.url ?? secrets.read('notify.url_file', values.url_file ?? '');
  const problems: YamlProblem[] = [];
  const refuse = (key: string, wrong: string): void => {
    problems.push({ path: ['notify', key], message: `notify.${key} ${wrong}` });
  };
  const wrong = troubleWithUrl(url, values.allow_http);
  if (wrong !== null) refuse(urlKey, wrong);
  const given =
    values.secret_file === undefined
      ? (values.secret ?? null)
      : secrets.read('notify.secret_file', values.secret_file);
  const secret = given === null ? null : keyOf(given);
  if (given !== null && secret === null) {
    const bytes = `${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes`;
    refuse(
      secretKey,
      `must be ${SECRET_START} and ${bytes} in base64; make one with: echo whsec_$(openssl rand -base64 32)`,
    );
  }
  if (problems.length > 0) return problems;
  return {
    url,
    ca: values.tls_ca === undefined ? null : readText('notify.tls_ca', values.tls_ca),
    secret,
    events: values.events,
    groupMs: values.group_seconds * 1000,
    timeoutMs: values.timeout_ms,
  };
}

function troubleWithUrl(text: string, allowHttp: boolean): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return 'must be a URL that starts with https://';
  if (url.protocol === 'https:' || allowHttp || isLoopback(url.hostname.replace(/^\[|\]$/g, '')))
    return null;
  return 'must start with https:// unless it is on this machine, or allow_http is true';
}

/** The key that a secret stands for, as the Standard Webhooks specification writes it; null where it is none. */
function keyOf(secret: string): Buffer | null {
  const base64 = secret.slice(SECRET_START.length);
  if (!secret.startsWith(SECRET_START) || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  const key = Buffer.from(base64, 'base64');
  return key.length >= SECRET_BYTES_MIN && key.length <= SECRET_BYTES_MAX ? key : null;
}
