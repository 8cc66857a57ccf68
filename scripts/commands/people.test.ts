import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signUp, type TestPerson } from '../../src/testing/people.ts';
import { startApp, type TestApp } from '../../src/testing/start-app.ts';
import { runCli } from '../cli.ts';
import type { RunCommand } from './command.ts';
import { rotateJwtCommand } from './jwt-rotate.ts';
import { logOutCommand } from './users-log-out.ts';
import { makeOperatorCommand } from './users-make-operator.ts';

let app: TestApp;
let ann: TestPerson;

beforeAll(async () => {
  app = await startApp();
  ann = await signUp(app);
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

async function run<Options>(command: RunCommand<Options>, options: Options, isJson = true): Promise<string> {
  let printed = '';
  const { signal } = new AbortController();
  const code = await command(options, { service: app.service, isJson, signal, print: (text) => (printed += text) });
  expect(code).toBe(0);
  return printed;
}

test('somebody is let run the service, and no longer', async () => {
  await ann.get('/v1/admin/accounts').expect(403);

  const made = JSON.parse(await run(makeOperatorCommand, { email: ann.email }));
  expect(made).toEqual({ userId: ann.userId, email: ann.email, isOperator: true });
  await ann.get('/v1/admin/accounts').expect(200);

  const revoked = await run(makeOperatorCommand, { email: ann.email, revoke: true }, false);
  expect(revoked).toBe(`${ann.email} no longer runs this service`);
  await ann.get('/v1/admin/accounts').expect(403);
  await expect(run(makeOperatorCommand, { email: 'nobody@people.example' })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('the signing key is rotated; who is logged in stays so until their sessions are ended', async () => {
  const { kid: before } = await app.service.auth.signingKeys.current();
  const { kid } = JSON.parse(await run(rotateJwtCommand, {})) as { kid: string };
  expect(kid).not.toBe(before);
  expect((await app.service.auth.signingKeys.current()).kid).toBe(kid);
  await ann.get('/v1/me').expect(200);

  expect(JSON.parse(await run(logOutCommand, { email: ann.email }))).toEqual({ ended: 1 });
  await ann.get('/v1/me').expect(401);
});

test('everybody is logged out', async () => {
  const [bob, eve] = [await signUp(app), await signUp(app)];
  expect(await run(logOutCommand, { all: true }, false)).toBe('2 sessions ended');
  await bob.get('/v1/me').expect(401);
  await eve.get('/v1/me').expect(401);
  await expect(run(logOutCommand, {})).rejects.toThrow('say either --email or --all');
  await expect(run(logOutCommand, { all: true, email: bob.email })).rejects.toThrow('say either --email or --all');
});

test('without an address they are misused', async () => {
  expect(await runCli(['users', 'make-operator'])).toBe(2);
  expect(await runCli(['jwt'])).toBe(2);
});
