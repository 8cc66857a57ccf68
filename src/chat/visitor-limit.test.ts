import { expect, test } from '@jest/globals';
import { ORIGIN, startApp } from '../testing/start-app.ts';

test('for the limit of an hour a /64 of IPv6 is one visitor, and so is an address whatever its port', async () => {
  await using app = await startApp({}, { TRUSTED_PROXIES: 'loopback' });
  const { accountId, publishableKey } = await app.business();
  await app.service.accounts.update(accountId, { limits: { messagesPerVisitorHour: 1 } });
  const statuses: Record<string, number> = {};
  for (const from of [
    '2001:db8:1:1::1',
    '2001:db8:1:1::2',
    '2001:db8:1:2::1',
    '203.0.113.1:1000',
    '203.0.113.1:1001',
    '::ffff:203.0.113.1',
  ]) {
    const headers = { 'X-API-Key': publishableKey, Origin: ORIGIN, 'X-Forwarded-For': from };
    const { body: thread } = await app.http.post('/v1/threads').set(headers).expect(201);
    const said = await app.http
      .post(`/v1/threads/${thread.id}/messages`)
      .set({ ...headers, Accept: 'application/json', 'X-Thread-Token': thread.token })
      .send({ text: 'When do you open?' });
    statuses[from] = said.status;
  }

  expect(statuses).toEqual({
    '2001:db8:1:1::1': 200,
    '2001:db8:1:1::2': 429,
    '2001:db8:1:2::1': 200,
    '203.0.113.1:1000': 200,
    '203.0.113.1:1001': 429,
    '::ffff:203.0.113.1': 429,
  });
});
