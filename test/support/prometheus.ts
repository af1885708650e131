import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { until } from './until.ts';

export interface PrometheusSample {
  metric: Record<string, string>;
  /** Text, because JSON has no NaN and no infinity. */
  value: string;
}

const isThere = ['prometheus', 'promtool'].every(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);

/** describe() for tests that need a Prometheus; as describeWithMariadb() is. */
export function describeWithPrometheus(title: string, body: () => void): void {
  if (isThere || process.env['CI'] === 'true') describe(title, body);
  else describe.skip(`${title} (skipped: no prometheus on this machine; apt-get install it)`, body);
}

/** A Prometheus of this test alone, which asks a csv-hopper for its metrics five times a second and has the rules of a file. */
export class Prometheus {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hopper-prometheus-'));
  #child: ChildProcess | null = null;
  #url = '';

  async start(target: string, rulesFile: string): Promise<void> {
    const config = {
      global: { scrape_interval: '200ms', evaluation_interval: '200ms' },
      scrape_configs: [{ job_name: 'csv-hopper', static_configs: [{ targets: [target] }] }],
      rule_files: [rulesFile],
    };
    // JSON is YAML.
    writeFileSync(join(this.#folder, 'prometheus.yml'), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    this.#url = `http://${address}`;
    const words = [
      `--config.file=${join(this.#folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(this.#folder, 'data')}`,
      `--web.listen-address=${address}`,
    ];
    const child = spawn('prometheus', words, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    process.once('exit', this.#kill);
    await until(
      () =>
        fetch(`${this.#url}/-/ready`).then(
          ({ ok }) => ok,
          () => child.exitCode !== null,
        ),
      () => said,
    );
    if (child.exitCode !== null) throw new Error(`prometheus has ended:\n${said}`);
  }

  /** What an expression gives now. Throws what Prometheus says of one that it does not understand. */
  async query(expression: string): Promise<PrometheusSample[]> {
    const { result } = await this.#get<{
      result: { metric: Record<string, string>; value: [number, string] }[];
    }>(`query?query=${encodeURIComponent(expression)}`);
    return result.map(({ metric, value }) => ({ metric, value: value[1] }));
  }

  /** Waits until an expression gives something. */
  async some(expression: string): Promise<PrometheusSample[]> {
    return until(
      async () => {
        const samples = await this.query(expression);
        return samples.length > 0 && samples;
      },
      () => `Nothing comes of ${expression}.`,
    );
  }

  /** The rules that it has read, and whether it can evaluate each. */
  async rules(): Promise<{ name: string; health: string; lastError?: string }[]> {
    const { groups } = await this.#get<{
      groups: { rules: { name: string; health: string; lastError?: string }[] }[];
    }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      this.#kill();
      await once(child, 'exit');
    }
    process.off('exit', this.#kill);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  readonly #kill = (): void => {
    this.#child?.kill('SIGKILL');
  };

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(answer.error ?? response.statusText);
    return answer.data;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address !== 'object') throw new Error('The system gave no port.');
  return address.port;
}
