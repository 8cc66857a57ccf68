import { afterAll, beforeAll } from '@jest/globals';
import { lockSuite } from './agenda-lock-suite.ts';
import { querySuite } from './agenda-query-suite.ts';
import { saveSuite } from './agenda-save-suite.ts';
import { scheduleSuite } from './agenda-schedule-suite.ts';
import { workerSuite } from './agenda-worker-suite.ts';
import { openTestDatabase, type TestDatabase } from './testing-mongoose.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});

afterAll(() => database.close());

querySuite(() => database);
saveSuite(() => database);
lockSuite(() => database);
workerSuite(() => database, 1_000);
scheduleSuite(() => database);
