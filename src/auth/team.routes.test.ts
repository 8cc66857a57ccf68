import { expect, test } from '@jest/globals';
import { createManualClock } from '../testing/manual-clock.ts';
import { openBrowser } from '../testing/people.ts';
import { startApp } from '../testing/start-app.ts';

test('of wrong invitations 30 a minute of an address are looked at', async () => {
  const clock = createManualClock(new Date().toISOString());
  await using app = await startApp({ clock });
  const accept = async () =>
    (await openBrowser(app).post('/v1/auth/accept-invitation').send({ token: 'no-such-token' })).status;
  const statuses = [];
  for (let tries = 0; tries < 31; tries += 1) statuses.push(await accept());

  expect(statuses).toEqual([...Array<number>(30).fill(400), 429]);
  clock.advance(60_000);
  expect(await accept()).toBe(400);
});
