import { expect, test } from '@jest/globals';
import { openTestDatabase } from './testing-mongoose.ts';

test('a server that closes while documents expire closes without an error', async () => {
  for (let round = 0; round < 20; round++) {
    const { db, close } = await openTestDatabase({ memory: true, ttlIntervalMs: 1 });
    for (const name of ['a', 'b', 'c']) await db.collection(name).createIndex({ until: 1 }, { expireAfterSeconds: 0 });
    await db.collection('a').insertMany(Array.from({ length: 50 }, () => ({ until: new Date() })));
    await expect(close()).resolves.toBeUndefined();
  }
});
