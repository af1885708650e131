import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Begins with the fault rig, which takes longest: begun last, it would be waited for alone for two minutes. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      moduleId.endsWith('test/faults/faults.test.ts');
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // They share the modules that they have loaded: loading them anew for each file was a third of their processor time.
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'whole', include: ['test/{integration,faults}/**/*.test.ts'] },
      },
    ],
    // One more than there are cores: the tests wait for servers, files and deaths of processes for a part of their time.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    // A MariaDB start, a burst of files or a worker start take seconds on a small machine.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
