import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { lockSuite } from './agenda-lock-suite.ts';
import { querySuite } from './agenda-query-suite.ts';
import { saveSuite } from './agenda-save-suite.ts';
import { scheduleSuite } from './agenda-schedule-suite.ts';
import { workerSuite } from './agenda-worker-suite.ts';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

/** The same on a file, where long reads go to a thread of their own. */
let dir: string;
let database: TestDatabase;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedded-mongo-agenda-'));
  database = await openTestDatabase({ dir });
});

afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true });
});

querySuite(() => database);
saveSuite(() => database);
lockSuite(() => database);
workerSuite(() => database, 200);
scheduleSuite(() => database);
