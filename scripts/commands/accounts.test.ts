import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ChatApp, startChatApp } from '../../src/testing/chat-app.ts';
import { createAccountCommand } from './accounts-create.ts';
import { deleteAccountCommand } from './accounts-delete.ts';
import { listAccountsCommand } from './accounts-list.ts';
import { resumeCommand, suspendCommand } from './accounts-suspend.ts';
import type { RunCommand } from './command.ts';
import { setLimitsCommand } from './limits-set.ts';

let chat: ChatApp;

beforeAll(async () => {
  chat = await startChatApp();
});

afterAll(async () => {
  await chat[Symbol.asyncDispose]();
});

/** Runs a command as `--json` does. */
async function run<Options>(command: RunCommand<Options>, options: Options) {
  const printed: string[] = [];
  const { service } = chat.app;
  const signal = new AbortController().signal;
  const code = await command(options, { service, isJson: true, signal, print: (text) => void printed.push(text) });
  expect(code).toBe(0);
  return JSON.parse(printed.join('\n'));
}

const account = 'tea-house';

test('a business is made, listed, suspended, resumed, limited and, for good, deleted; all of it is written down', async () => {
  const made = await run(createAccountCommand, { name: 'Tea House', timezone: 'Europe/Paris' });
  expect(made).toMatchObject({ slug: account, name: 'Tea House' });

  expect(await run(suspendCommand, { account })).toEqual({ slug: account, status: 'suspended' });
  const { accounts } = await run(listAccountsCommand, {});
  expect(accounts).toContainEqual(expect.objectContaining({ slug: account, status: 'suspended', plan: 'none' }));
  expect(await run(resumeCommand, { account })).toEqual({ slug: account, status: 'active' });

  await run(setLimitsCommand, { account, messagesPerMonth: '500', tokensPerMonth: '9000' });
  expect(
    await run(setLimitsCommand, { account, tokensPerMonth: 'none', plan: 'free', billing: 'grace' }),
  ).toMatchObject({
    plan: 'free',
    billing: 'grace',
    limits: { messagesPerMonth: 500, tokensPerMonth: null },
  });
  const entries = await chat.app.service.auditLog.list(made.id, { limit: 50 });
  expect(entries.map(({ action, actorKind }) => `${actorKind}: ${action}`).toSorted()).toEqual([
    'cli: accounts create',
    'cli: accounts resume',
    'cli: accounts suspend',
    'cli: limits set',
    'cli: limits set',
  ]);

  await expect(run(deleteAccountCommand, { account })).rejects.toThrow(/Tea House .*--yes/);
  expect(await run(deleteAccountCommand, { account, yes: true })).toMatchObject({
    slug: account,
    finishedAt: expect.any(String),
    counts: { accounts: { accounts: 1, locations: 1 } },
  });
  expect(await chat.app.service.accounts.findBySlug(account)).toBeUndefined();
});

test.each([
  ['timezone: must be an IANA time zone', () => run(createAccountCommand, { name: 'X', timezone: 'Mars' })],
  ['slug: must be', () => run(createAccountCommand, { name: 'X', slug: 'Not A Slug' })],
  ['say what to set', () => run(setLimitsCommand, { account: 'x' })],
  ['plan: ', () => run(setLimitsCommand, { account: 'x', plan: 'golden' })],
  ['limits.messagesPerDay: ', () => run(setLimitsCommand, { account: 'x', messagesPerDay: 'many' })],
  ['there is no business x', () => run(suspendCommand, { account: 'x' })],
])('what can’t be done says why: %s', async (message, misuse) => {
  await expect(misuse()).rejects.toThrow(message);
});
