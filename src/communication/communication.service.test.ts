import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CommunicationService, createCommunicationService, type NewHandoff } from './communication.service.ts';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { signUp } from '../testing/people.ts';
import { startApp, type TestApp, type TestBusiness } from '../testing/start-app.ts';

let clock: ManualClock;
let app: TestApp;
let bakery: TestBusiness;
let communication: CommunicationService;

beforeEach(async () => {
  clock = createManualClock('2026-11-24T12:00:00Z');
  app = await startApp({ clock });
  bakery = await app.business();
  communication = app.service.communication;
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
});

const aWish = (fields: Partial<NewHandoff> = {}): NewHandoff => ({
  threadId: 'thr_1',
  by: 'visitor',
  name: 'A visitor',
  email: 'visitor@example.com',
  phone: null,
  reason: 'A cake for Saturday.',
  ...fields,
});

test('a business is told of a handoff once, by a mail that says who wants what', async () => {
  const { _id } = await communication.createHandoff(bakery.accountId, aWish());
  await communication.deliverHandoffs();
  await communication.deliverHandoffs();

  expect(await mails()).toEqual([`${_id}.eml`]);
  const mail = await readMail(_id);
  expect(mail).toMatch(/^To: hello@bakery\.example/m);
  expect(mail).toMatch(/visitor@example\.com/);
  expect(mail).toMatch(/A cake for Saturday\./);
});

test('the same wish told twice is one handoff', async () => {
  const first = await communication.createHandoff(bakery.accountId, aWish({ onceKey: 'trn_1:call_1' }));
  const again = await communication.createHandoff(bakery.accountId, aWish({ onceKey: 'trn_1:call_1' }));

  expect(again._id).toBe(first._id);
});

test('a name with line breaks adds no header to the mail', async () => {
  const { _id } = await communication.createHandoff(bakery.accountId, aWish({ name: 'x\r\nBcc: spy@example.com' }));
  await communication.deliverHandoffs();

  expect(await readMail(_id)).not.toMatch(/^Bcc:/m);
});

test('a business that cannot be told is tried again an hour later, and holds up no other', async () => {
  const unreachable = await app.business({ account: { contact: { email: null, phone: null, website: null } } });
  const first = await communication.createHandoff(unreachable.accountId, aWish());
  const second = await communication.createHandoff(bakery.accountId, aWish());
  await communication.deliverHandoffs();
  expect(await mails()).toEqual([`${second._id}.eml`]);

  await app.service.accounts.update(unreachable.accountId, { contact: { email: 'late@bakery.example' } });
  await communication.deliverHandoffs();
  expect(await mails()).toHaveLength(1);
  clock.advance(60 * 60 * 1000);
  await communication.deliverHandoffs();

  expect(await readMail(first._id)).toMatch(/late@bakery\.example/);
});

test('a visitor who is erased leaves no mail, also where it was posted and the process died before it said so', async () => {
  const { _id } = await communication.createHandoff(bakery.accountId, aWish());
  await communication.deliverHandoffs();
  await app.service.platform.connection
    .collection<{ _id: string }>('handoffs')
    .updateOne({ _id }, { $set: { state: 'new' } });

  await communication.eraseHandoffs(bakery.accountId, ['thr_1']);

  expect(await mails()).toEqual([]);
});

test('a visitor who is erased while the mail is posted leaves none', async () => {
  const { outbox } = app.service.platform;
  const slow = createCommunicationService({
    ...app.service.platform,
    accounts: app.service.accounts,
    findOwnerEmail: async () => undefined,
    outbox: {
      ...outbox,
      async post(mail) {
        await communication.eraseHandoffs(bakery.accountId, ['thr_1']);
        await outbox.post(mail);
      },
    },
  });
  await communication.createHandoff(bakery.accountId, aWish());

  await slow.deliverHandoffs();

  expect(await mails()).toEqual([]);
});

test('where a business has said no address its owner is told', async () => {
  const owner = await signUp(app, { email: 'owner@corner.example' });
  const { _id } = await communication.createHandoff(owner.accountId, aWish());

  await communication.deliverHandoffs();

  expect(await readMail(_id)).toMatch(/^To: owner@corner\.example/m);
});

async function mails(): Promise<string[]> {
  return readdir(path.join(app.service.platform.config.dataDir, 'outbox'));
}

function readMail(id: string): Promise<string> {
  return readFile(path.join(app.service.platform.config.dataDir, 'outbox', `${id}.eml`), 'utf8');
}
