import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { parseYaml } from '../../src/core/yaml-tree.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { repository } from '../support/hopper-process.ts';
import { HopperProject, people } from '../support/hopper-project.ts';
import { describeWithMariadb, type Mariadb, startMariadb } from '../support/mariadb.ts';
import { MetricsText } from '../support/metrics-text.ts';
import { describeWithPrometheus, Prometheus } from '../support/prometheus.ts';
import { TestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';

const rulesFile = join(repository, 'deploy/alerts.yaml');
const operations = readFileSync(join(repository, 'docs/OPERATIONS.md'), 'utf8');

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook: string };
  labels: { severity: string };
}
const { groups } = parseYaml(readFileSync(rulesFile, 'utf8')).value as unknown as {
  groups: { rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

interface Panel {
  id: number;
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}
const dashboard = JSON.parse(
  readFileSync(join(repository, 'deploy/grafana-dashboard.json'), 'utf8'),
) as { panels: Panel[]; templating: { list: { name: string; definition?: string }[] } };

/** With what Grafana puts in the place of its variables. */
function asGrafanaAsks(expression: string): string {
  return expression
    .replaceAll(/\$(instance|dataset)\b/g, '.*')
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '1h');
}

const panelQueries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, asGrafanaAsks(expr)] as const),
);
/** An alert's expression without the limit that it compares with. */
const ruleQueries = rules.map(({ alert, expr }) => {
  const [, left] = /^(.*\S) (?:==|>|<) [\d.e]+$/s.exec(expr.trim()) ?? [];
  return [alert, left ?? `no limit in ${expr}`] as const;
});
const queries = [...ruleQueries, ...panelQueries];

const words = new Set(
  'by sum min max rate increase changes time histogram_quantile le on ignoring or'.split(' '),
);

/** The metrics that an expression asks for, each with the labels that it picks or groups by. */
function metricsIn(expression: string): { name: string; labels: string[] }[] {
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );
  const bare = expression.replaceAll(/\bby \([^)]*\)/g, '').replaceAll(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/\b([a-z_]\w*)\b(?!\s*[(=!"])(?:\{([^}]*)\})?/g)].flatMap(
    ([, name = '', matchers = '']) => {
      if (words.has(name)) return [];
      const picked = [...matchers.matchAll(/(\w+)(?:=~|!=|!~|=)/g)].map(([, label = '']) => label);
      return [{ name, labels: [...new Set([...picked, ...grouped])] }];
    },
  );
}

/** The expression of an alert. */
function ruleOf(name: string): string {
  return rules.find(({ alert }) => alert === `CsvHopper${name}`)?.expr ?? '';
}

/** A label and a metric that Prometheus itself adds. */
const ofPrometheus = ['job', 'instance', 'up'];

describe('the files in deploy', () => {
  test('each alert says what it is about, how bad it is, and what to do', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    const headings = [...operations.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);
    expect(headings).toEqual(rules.map(({ alert }) => alert));
    for (const { alert, annotations, labels } of rules) {
      expect(annotations.runbook).toBe(`docs/OPERATIONS.md#${alert.toLowerCase()}`);
      expect(annotations.summary).toMatch(/\.$/);
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
    }
  });

  test('the panels of the dashboard have a place and a query each', () => {
    const { panels, templating } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { title, type, gridPos, targets } of panels) {
      const { x, y, w, h } = gridPos;
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          expect(taken.has(`${column}/${line}`), title).toBe(false);
          expect(column, title).toBeLessThan(24);
          taken.add(`${column}/${line}`);
        }
      }
      expect((targets ?? []).length > 0, title).toBe(type !== 'row');
    }
    const known = [...templating.list.map(({ name }) => name), '__rate_interval', '__range'];
    const used = JSON.stringify(panels).matchAll(/\$\{?(\w+)/g);
    for (const [, name] of used) expect(known).toContain(name);
  });
});

describeWithMariadb('a daemon whose database goes away', () => {
  let server: Mariadb;
  let database: TestDatabase;
  let project: HopperProject;
  let url: string;
  let metrics: MetricsText;
  const prometheus = new Prometheus();

  beforeAll(async () => {
    server = await startMariadb();
    database = await TestDatabase.create(server);
    project = new HopperProject({
      datasets: `datasets:
  - { name: mended, match: 'mended-*.csv', schema: schema/people.yaml, on_invalid_rows: divert }
  - { name: people, match: '*.csv', schema: schema/people.yaml, clean: { null_rows: drop_any, duplicate_rows: drop } }
`,
      database: database.config({ connectTimeoutMs: 2000 }),
      more: 'intake: { quiet_ms: 100, sweep_ms: 300 }\nconvert: { workers: 2 }\nserve: { listen: 127.0.0.1:0 }',
    });
    await project.start();
    url = (await project.event('serving')).reason ?? '';
    project.drop('good.csv', `${people(1, 30)}1;person 1\n77;\n`);
    project.drop('bad.csv', 'id;name\n1;Ada\nx;Bob\n');
    project.drop('mended-1.csv', 'id;name\n1;Ada\nx;Bob\n');
    await project.ends(3);
    project.drop('good.csv', `${people(1, 30)}1;person 1\n77;\n`);
    await project.ends(4);
    await server.kill('SIGKILL');
    project.drop('later.csv', people(100, 5));
    await project.event('parked', 'later.csv');
    metrics = await MetricsText.of(url);
  });
  afterAll(async () => {
    await prometheus.stop();
    await project.remove();
    await server.stop();
  });

  test('each file is counted once, with its bytes, and each row where it went', () => {
    const files = (dataset: string, verdict: string): number | undefined =>
      metrics.value('csv_hopper_files_total', { dataset, verdict });
    expect(['loaded', 'failed', 'skipped'].map((verdict) => files('people', verdict))).toEqual([
      1, 1, 1,
    ]);
    expect([files('mended', 'diverted'), files('mended', 'loaded')]).toEqual([1, 0]);
    expect(metrics.value('csv_hopper_files_total')).toBe(4);
    expect(metrics.value('csv_hopper_bytes_total', { verdict: 'failed' })).toBe(20);
    const rows = (verdict: string): number | undefined =>
      metrics.value('csv_hopper_rows_total', { verdict });
    expect([rows('loaded'), rows('rejected'), rows('held_back')]).toEqual([31, 2, 1]);
    expect([rows('dropped_null'), rows('dropped_duplicate')]).toEqual([1, 1]);
    const read = project
      .events()
      .filter(({ event }) => event === 'finished' || event === 'failed')
      .reduce((sum, { rowsRead }) => sum + Number(rowsRead), 0);
    expect(metrics.value('csv_hopper_rows_total')).toBe(read);
  });

  test('each step of each file is timed', () => {
    const count = (step: string): number | undefined =>
      metrics.value('csv_hopper_step_duration_seconds_count', { step });
    expect(['convert', 'publish', 'load', 'finish'].map(count)).toEqual([3, 3, 2, 2]);
    expect(metrics.value('csv_hopper_file_duration_seconds_count')).toBe(3);
  });

  test('the outage is told by what it is: files are taken and wait', async () => {
    expect(metrics.value('csv_hopper_database_up')).toBe(0);
    expect(metrics.value('csv_hopper_files_parked', { dataset: 'people' })).toBe(1);
    expect(metrics.value('csv_hopper_trouble_files', { code: 'database_unreachable' })).toBe(1);
    expect(metrics.value('csv_hopper_files_under_way')).toBe(1);
    expect(metrics.value('csv_hopper_oldest_waiting_file_seconds')).toBeGreaterThan(0);
    expect(metrics.value('csv_hopper_failed_folder_files')).toBe(2);
    expect(metrics.value('csv_hopper_ready')).toBe(1);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: 'degraded',
      reasons: [
        {
          code: 'database_unreachable',
          files: 1,
          hint: expect.stringContaining('Start the server') as unknown,
        },
      ],
    });
  });

  test.each(queries)('%s asks for metrics and labels that there are: %s', (_, expression) => {
    const asked = metricsIn(expression);
    expect(asked.length).toBeGreaterThan(0);
    for (const { name, labels } of asked) {
      if (ofPrometheus.includes(name)) continue;
      const found = metrics.series.find((one) => one.name === name);
      expect(found, name).toBeDefined();
      const known = [...Object.keys(found?.labels ?? {}), ...ofPrometheus];
      for (const label of labels) expect(known, `${name}{${label}}`).toContain(label);
    }
  });

  test('docs/OPERATIONS.md has each metric, and no other', () => {
    const documented = [...operations.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
    const served = metrics.series.map(({ name }) => name.replace(/_(bucket|sum|count)$/, ''));
    expect([...documented].sort()).toEqual([...new Set(served)].sort());
  });

  describeWithPrometheus('and a Prometheus that asks it', () => {
    beforeAll(() => prometheus.start(new URL(url).host, rulesFile));

    test('promtool finds nothing wrong with the rules and the metrics', async () => {
      const check = spawnSync('promtool', ['check', 'rules', rulesFile], { encoding: 'utf8' });
      expect(check.stdout + check.stderr).toContain(`${rules.length} rules found`);
      expect(check.status).toBe(0);
      const input = await (await fetch(`${url}/metrics`)).text();
      const lint = spawnSync('promtool', ['check', 'metrics'], { encoding: 'utf8', input });
      expect({ said: lint.stderr + lint.stdout, status: lint.status }).toEqual({
        ...{ said: '', status: 0 },
      });
    });

    test('it can evaluate each rule', async () => {
      const evaluated = await until(
        async () => {
          const found = await prometheus.rules();
          return found.every(({ health }) => health !== 'unknown') && found;
        },
        () => 'Rules are not evaluated.',
      );
      expect(evaluated.map(({ name }) => name)).toEqual(rules.map(({ alert }) => alert));
      for (const { health, lastError } of evaluated)
        expect([health, lastError]).toEqual(['ok', undefined]);
    });

    test.each(queries)('%s gives numbers: %s', async (_, expression) => {
      for (const { value } of await prometheus.some(expression))
        expect(value).toMatch(/^([\d.e+-]+|\+Inf|NaN)$/);
    });

    // Those that depend on how full and fast the machine is are left out.
    const quiet = ['Down', 'NotReady', 'Restarts', 'OldestFile', 'NoSuccess', 'Unexpected'];
    const firing = ['DatabaseAway', 'FilesParked', 'FailedFolder'];
    test.each([...quiet, ...firing])(
      'CsvHopper%s is as it should be in this outage',
      async (name) => {
        const expected = firing.includes(name);
        const samples = await (expected
          ? prometheus.some(ruleOf(name))
          : prometheus.query(ruleOf(name)));
        expect(samples.length > 0).toBe(expected);
      },
    );

    test('files that fail and a folder that is gone are told of', async () => {
      project.drop('worse.csv', 'id;name\nx;Bob\n');
      const [failed] = await prometheus.some(ruleOf('FileFailed'));
      expect(failed?.metric).toMatchObject({ dataset: 'people', verdict: 'failed' });
      renameSync(project.input, join(project.root, 'away'));
      await prometheus.some(ruleOf('NotReady'));
      renameSync(join(project.root, 'away'), project.input);
    });
  });

  test('when the database is back all is well again', async () => {
    await server.restart();
    await project.event('finished', 'later.csv');
    const now = await until(
      async () => {
        const text = await MetricsText.of(url);
        return text.value('csv_hopper_database_up') === 1 && text;
      },
      () => 'The database stays away.',
    );
    expect(now.value('csv_hopper_files_parked')).toBe(0);
    expect(now.value('csv_hopper_trouble_files')).toBeUndefined();
    expect(now.value('csv_hopper_step_duration_seconds_count', { step: 'wait' })).toBe(1);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready', reasons: [] });
  });
});
