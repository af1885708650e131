import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { HopperProject, peopleDataset } from './hopper-project.ts';
import { type Mariadb, startMariadb } from './mariadb.ts';
import { TestDatabase } from './test-database.ts';

/** What a test with a database works on. */
export interface DatabaseProject {
  server: Mariadb;
  /** Empty, and of this test alone. */
  database: TestDatabase;
  /** Of this test alone, with the dataset `people` and that database. */
  project: HopperProject;
}

/** Starts a server for the tests of the enclosing describe, and hands each test its own database and project on it. */
export function eachWithDatabase(begin: (made: DatabaseProject) => void | Promise<void>): void {
  let server: Mariadb;
  let project: HopperProject | null = null;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const database = await TestDatabase.create(server);
    project = new HopperProject({ datasets: peopleDataset, database: database.config() });
    await begin({ server, database, project });
  });
  afterEach(() => project?.remove());
}
