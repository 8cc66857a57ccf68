import { expect, test } from '@jest/globals';
import { ORIGIN, startApp } from '../testing/start-app.ts';

test('with the embedded engine, prices and hours come from the data, other answers from files that are cited', async () => {
  await using app = await startApp();
  const bakery = await app.business({
    faqs: [{ question: 'Do you have parking?', answer: 'Yes, eight free spaces behind the bakery.', order: 0 }],
  });
  const headers = { 'X-API-Key': bakery.publishableKey, Origin: ORIGIN, Accept: 'application/json' };
  const { body: thread } = await app.http.post('/v1/threads').set(headers);
  const ask = async (text: string) => {
    const answer = await app.http
      .post(`/v1/threads/${thread.id}/messages`)
      .set({ ...headers, 'X-Thread-Token': thread.token })
      .send({ text });
    return JSON.stringify(answer.body.parts);
  };

  expect(await ask('How much is the sourdough loaf?')).toContain('$7.50');
  expect(await ask('When are you open on Sunday?')).toContain('7 am');
  expect(await ask('Is there parking?')).toMatch(/eight free spaces.*"filename":"faqs\.md"/);
});
