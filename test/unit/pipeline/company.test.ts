import { expect, test } from 'vitest';
import { Company } from '../../../src/pipeline/company.ts';

const settled = (): Promise<void> => new Promise(setImmediate);

/** An action that ends when it is told to. */
class Action {
  hasBegun = false;
  end = (): void => undefined;

  readonly run = (): Promise<void> => {
    this.hasBegun = true;
    return new Promise((resolve) => {
      this.end = resolve;
    });
  };
}

test('so many are in it together at the most, and one that wants to be alone waits for all before it and keeps out those behind', async () => {
  const company = new Company(2);
  const [a, b, c, loner, d] = [
    new Action(),
    new Action(),
    new Action(),
    new Action(),
    new Action(),
  ] as const;
  const begun = async (): Promise<boolean[]> => {
    await settled();
    return [a, b, c, loner, d].map(({ hasBegun }) => hasBegun);
  };
  const all = [
    ...[a, b, c].map(({ run }) => company.together(run)),
    company.alone(loner.run),
    company.together(d.run),
  ];
  expect(await begun()).toEqual([true, true, false, false, false]);
  a.end();
  expect(await begun()).toEqual([true, true, true, false, false]);
  b.end();
  expect(await begun()).toEqual([true, true, true, false, false]);
  c.end();
  expect(await begun()).toEqual([true, true, true, true, false]);
  loner.end();
  expect(await begun()).toEqual([true, true, true, true, true]);
  d.end();
  await Promise.all(all);
});

test('one that fails makes room as well, and its failure is the answer', async () => {
  const company = new Company(1);
  const failing = company.alone(() => Promise.reject(new Error('failed')));
  const next = company.together(() => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('failed');
  expect(await next).toBe('done');
});
