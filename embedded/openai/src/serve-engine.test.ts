import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openEngine, serveEngine } from './index.ts';

const engine = openEngine({ path: ':memory:' });
let server: Awaited<ReturnType<typeof serveEngine>>;
beforeAll(async () => {
  server = await serveEngine(engine, { port: 0 });
});
afterAll(async () => {
  await server.close();
  await engine.close();
});

test('a name that was pointed at this machine by somebody else is not served', async () => {
  const sent = request(`${server.url}/models`, { headers: { host: 'evil.example' } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(421);
});

test('a body that is no JSON, says so or is too large is refused', async () => {
  expect((await post('{', 'application/json')).status).toBe(400);
  expect(await (await post('{}', 'text/plain')).json()).toMatchObject({ error: { code: 'unsupported_content_type' } });
  expect((await post(' '.repeat(10 * 1024 * 1024 + 1), 'application/json')).status).toBe(413);
});

test('every answer carries a request id', async () => {
  const answers = await Promise.all([fetch(`${server.url}/models`), fetch(`${server.url}/nothing`)]);
  for (const { headers } of answers) expect(headers.get('x-request-id')).toMatch(/^req_\w+$/);
});

function post(body: string, type: string): Promise<Response> {
  return engine.fetch(`${server.url}/responses`, { method: 'POST', body, headers: { 'content-type': type } });
}
