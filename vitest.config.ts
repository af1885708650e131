import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A MariaDB start, a burst of files or a worker start take seconds on a small machine.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
