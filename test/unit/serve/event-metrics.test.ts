import { Registry } from 'prom-client';
import { beforeEach, expect, test } from 'vitest';
import { HopperError } from '../../../src/errors/hopper-error.ts';
import { EventMetrics, fileVerdicts } from '../../../src/serve/event-metrics.ts';

let registry: Registry;
let metrics: EventMetrics;
beforeEach(() => {
  registry = new Registry();
  metrics = new EventMetrics(registry, ['people', 'orders']);
});

/** The value of each series of a metric that is not 0, by its labels. */
async function values(name: string): Promise<Record<string, number>> {
  const text = await registry.getSingleMetricAsString(name);
  const lines = text.matchAll(/^(\w+)\{(.*)\} (\S+)$/gm);
  return Object.fromEntries(
    [...lines].flatMap(([, series = '', labels = '', value]) =>
      value === '0' || series.endsWith('_bucket') || series.endsWith('_sum')
        ? []
        : [[labels.replaceAll(/dataset=|verdict=|step=|event=|"/g, ''), Number(value)]],
    ),
  );
}

const counts = { rowsRead: 10, rowsDroppedNull: 2, rowsDroppedDuplicate: 1 };
const load = (loadId: string, dataset = 'people') => ({ loadId, dataset, file: `${loadId}.csv` });

test('each series of a dataset is there before its first event', async () => {
  const text = await registry.getSingleMetricAsString('csv_hopper_files_total');
  for (const verdict of fileVerdicts) {
    expect(text).toContain(`csv_hopper_files_total{dataset="orders",verdict="${verdict}"} 0`);
  }
  expect(await registry.metrics()).toContain(
    'csv_hopper_step_duration_seconds_count{dataset="people",step="load"} 0',
  );
});

test('each file counts once, under how it ended, with its rows under where they went', async () => {
  metrics.hear('finished', { ...load('a'), ...counts, rowsAccepted: 7, bytes: 100 });
  metrics.hear('diverted', { ...load('b'), ...counts, rowsAccepted: 5, rowsRejected: 2 });
  metrics.hear('finished', {
    ...load('b'),
    ...counts,
    rowsAccepted: 5,
    rowsRejected: 2,
    bytes: 50,
  });
  const err = new HopperError('content_invalid');
  metrics.hear('failed', { ...load('c'), ...counts, rowsAccepted: 4, rowsRejected: 3, err });
  metrics.hear('failed', { ...load('d'), err: new HopperError('set_aside'), bytes: 7 });
  metrics.hear('skipped', { ...load('a'), bytes: 100 });
  metrics.hear('finished', { ...load('e', 'orders'), rowsRead: 1, rowsAccepted: 1, bytes: 9 });
  expect(await values('csv_hopper_files_total')).toEqual({
    ...{ 'people,loaded': 1, 'people,diverted': 1, 'people,failed': 1, 'people,set_aside': 1 },
    ...{ 'people,skipped': 1, 'orders,loaded': 1 },
  });
  expect(await values('csv_hopper_bytes_total')).toEqual({
    ...{ 'people,loaded': 100, 'people,diverted': 50, 'people,set_aside': 7 },
    ...{ 'people,skipped': 100, 'orders,loaded': 9 },
  });
  const rows = await values('csv_hopper_rows_total');
  expect(rows).toEqual({
    ...{ 'people,loaded': 12, 'people,held_back': 4, 'people,rejected': 5 },
    ...{ 'people,dropped_null': 6, 'people,dropped_duplicate': 3, 'orders,loaded': 1 },
  });
  // All that were read, and no other.
  expect(Object.values(rows).reduce((sum, n) => sum + n)).toBe(31);
});

test('each step is timed, a wait apart from the step that it interrupts', async () => {
  const file = load('a');
  metrics.hear('found', { file: file.file, bytes: 1 });
  // A warning on it comes under the name of the event once more.
  for (const event of [
    'claimed',
    'claimed',
    'converted',
    'published',
    'parked',
    'resumed',
  ] as const) {
    metrics.hear(event, file);
  }
  metrics.hear('loaded', file);
  metrics.hear('finished', { ...file, durationMs: 1500 });
  expect(await values('csv_hopper_step_duration_seconds')).toEqual({
    ...{ 'people,identify': 1, 'people,convert': 1, 'people,publish': 1 },
    ...{ 'people,wait': 1, 'people,load': 1, 'people,finish': 1 },
  });
  expect(await registry.metrics()).toContain(
    'csv_hopper_file_duration_seconds_sum{dataset="people"} 1.5',
  );
});

test('what a former run began has waited for no step of this one', async () => {
  metrics.hear('resumed', load('a'));
  expect(await values('csv_hopper_step_duration_seconds')).toEqual({});
});

test('no name of a file or of an unknown dataset becomes a series', async () => {
  const before = (await registry.metrics()).split('\n').length;
  for (let n = 0; n < 1000; n++) {
    metrics.hear('found', { file: `Xfile-${n}.csv` });
    metrics.hear('finished', load(`Xload-${n}`));
    metrics.hear('finished', load(`Xload-${n}`, `Xdataset-${n}`));
    metrics.hear('finished', load(`Xload-${n}`, '__proto__'));
  }
  const text = await registry.metrics();
  expect(text).not.toMatch(/X(file|load|dataset)/);
  expect(text.split('\n')).toHaveLength(before);
});

test('what a damaged note of a former run says is no count, and no error', async () => {
  const odd = { bytes: 'x', rowsRead: -1, rowsAccepted: -1, rowsRejected: NaN, durationMs: 'x' };
  metrics.hear('failed', { ...load('a'), ...(odd as object) });
  expect(await values('csv_hopper_files_total')).toEqual({ 'people,failed': 1 });
  expect(await values('csv_hopper_rows_total')).toEqual({});
});

test('when a dataset was successful last is known of each', () => {
  const before = Date.now();
  metrics.hear('finished', load('a'));
  metrics.hear('failed', load('b', 'orders'));
  expect(metrics.lastSuccessMs('people')).toBeGreaterThanOrEqual(before);
  expect(metrics.lastSuccessMs('orders')).toBeNull();
});
