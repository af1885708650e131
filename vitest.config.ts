import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One for each core: by default it is one fewer, and the tests wait for servers and files for half of their time.
    maxWorkers: '100%',
    // A MariaDB start, a burst of files or a worker start take seconds on a small machine.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
