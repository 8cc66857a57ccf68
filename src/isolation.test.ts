import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Response, Test } from 'supertest';
import { KEY_SCOPES, type Role } from './auth/scopes.ts';
import { joinAs, logIn, signUp, type TestBrowser } from './testing/people.ts';
import { aLocation, anOpenWeek, aProduct, ORIGIN, startApp, type TestApp } from './testing/start-app.ts';

/** Stands in all that business A has; nobody of another business may ever be answered with it. */
const MARK = 'alphamark';

/** A name that each business may give. */
const SKU = 'LOAF';

const KINDS = [
  'nobody',
  'publishable',
  'elsewhere', // the publishable key, from a page of another host
  'chatKey', // a secret key of scope `chat`
  'secret', // one of all scopes
  'bareKey', // one that may read the usage alone
  'viewer',
  'manager',
  'owner',
  'outsider', // the owner of another business, who names this one
  'operator', // of no business here
] as const;
type Kind = (typeof KINDS)[number];

const keysRefused = { publishable: 403, elsewhere: 403, chatKey: 403, secret: 403, bareKey: 403 };
const noSession = { viewer: 401, manager: 401, owner: 401, outsider: 401, operator: 401 };
const members = { viewer: 'pass', manager: 'pass', owner: 'pass', outsider: 404, operator: 404 } as const;
const people = { viewer: 'pass', manager: 'pass', owner: 'pass', outsider: 'pass', operator: 'pass' } as const;
const keysPass = { publishable: 'pass', elsewhere: 403, chatKey: 'pass', secret: 'pass', bareKey: 403 } as const;
const visitor = { nobody: 401, ...keysPass, ...noSession } as const;
const read = { nobody: 401, ...keysRefused, secret: 'pass', ...members } as const;
const memberRead = { nobody: 401, ...keysRefused, ...members } as const;
const person = { nobody: 401, ...keysRefused, ...people } as const;

/** What each kind of caller gets: a refusal's status, or `pass`. */
const rules = {
  anyone: { ...person, nobody: 'pass', ...keysPass, elsewhere: 'pass', bareKey: 'pass' },
  ownPage: { ...person, nobody: 403 },
  visitor,
  thread: { ...visitor, chatKey: 404, secret: 404 }, // it is bound to the key that began it
  read,
  usage: { ...read, bareKey: 'pass' },
  write: { ...read, viewer: 403 },
  memberRead,
  memberWrite: { ...memberRead, viewer: 403 },
  ownerOnly: { ...memberRead, viewer: 403, manager: 403 },
  person,
  operator: { ...person, viewer: 403, manager: 403, owner: 403, outsider: 403 },
} as const satisfies Record<string, Record<Kind, number | 'pass'>>;

interface Row {
  readonly rule: keyof typeof rules;
  /** What fills the path's `{name}`, made anew for each who passes, since they may remove it. */
  readonly id?: () => string | Promise<string>;
  readonly body?: object;
  /** What who passes is answered where it is no success: their body is one that does no harm. */
  readonly passes?: number;
  /** What business B's callers get who name what is A's: 404, unless each business may have such a name of its `own`. */
  readonly foreign?: number | 'own';
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Send = (method: Method, path: string) => Test;

interface Business {
  readonly accountId: string;
  readonly owner: TestBrowser & { readonly email: string };
  readonly keyId: string;
  readonly publishable: Send;
  readonly secret: Send;
}

let app: TestApp;
let alpha: Business;
let beta: Business;
let callers: Record<Kind, Send>;
let threadToken = '';

beforeAll(async () => {
  app = await startApp();
  [alpha, beta] = [await makeBusiness(MARK), await makeBusiness('beta')];
  await fill();
  callers = await makeCallers();
}, 60_000);

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const byKey =
  (key: string, origin = ORIGIN): Send =>
  (method, path) =>
    app.http[method](path).set('X-API-Key', key).set('Origin', origin);

const bySession =
  (browser: TestBrowser): Send =>
  (method, path) =>
    browser[method](path);

async function makeBusiness(name: string): Promise<Business> {
  const owner = await signUp(app, { business: { name } });
  const { accountId } = owner;
  const { keys } = app.service.auth;
  const hosts = [new URL(ORIGIN).host];
  const publishable = await keys.create(accountId, { kind: 'publishable', name, hosts, scopes: [] });
  const secret = await keys.create(accountId, { kind: 'secret', name, hosts: [], scopes: [...KEY_SCOPES] });
  return {
    accountId,
    owner,
    keyId: publishable.id,
    publishable: byKey(publishable.key),
    secret: byKey(secret.key),
  };
}

async function fill(): Promise<void> {
  const { accountId } = alpha;
  const { accounts, context } = app.service;
  await accounts.update(accountId, { description: MARK, contact: { email: `hello@${MARK}.example` } });
  await context.products.putMany(accountId, [aProduct({ sku: SKU, name: MARK })]);
  await context.faqs.create(accountId, { question: MARK, answer: MARK, order: 0 });
  await context.sync(accountId);
  await context.sync(beta.accountId);
}

async function makeCallers(): Promise<Record<Kind, Send>> {
  const { accountId } = alpha;
  const { keys } = app.service.auth;
  const aKey = (scopes: string[]) => keys.create(accountId, { kind: 'secret', name: MARK, hosts: [], scopes });
  const page = await keys.create(accountId, { kind: 'publishable', name: MARK, hosts: ['other.example'], scopes: [] });
  const [chatKey, bareKey] = [await aKey(['chat']), await aKey(['usage:read'])];
  const member = async (role: Role) => bySession(await joinAs(app, accountId, role));
  const outsider = await logIn(app, beta.owner.email);
  const operator = await signUp(app);
  await app.service.platform.connection
    .collection<{ _id: string }>('users')
    .updateOne({ _id: operator.userId }, { $set: { isOperator: true } });
  outsider.account = accountId;
  operator.account = accountId;
  return {
    nobody: (method, path) => app.http[method](path),
    publishable: alpha.publishable,
    elsewhere: byKey(page.key),
    chatKey: byKey(chatKey.key),
    secret: alpha.secret,
    bareKey: byKey(bareKey.key),
    viewer: await member('viewer'),
    manager: await member('manager'),
    owner: bySession(alpha.owner),
    outsider: bySession(outsider),
    operator: bySession(operator),
  };
}

async function create(send: Send, path: string, body: object): Promise<{ id: string; token: string }> {
  const answer = await send('post', path).send(body);
  expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status: 201 });
  return answer.body as { id: string; token: string };
}

const byOwner = (path: string, body: object) => async () => {
  const { id } = await create(bySession(alpha.owner), path, body);
  return id;
};

/** Its token goes with every request, so that it is seen to open nothing by itself. */
async function aThread(): Promise<string> {
  const { id, token } = await create(alpha.publishable, '/v1/threads', {});
  threadToken = token;
  return id;
}

async function aConversation(): Promise<string> {
  const id = await aThread();
  await alpha
    .publishable('post', `/v1/threads/${id}/messages`)
    .set({ 'X-Thread-Token': threadToken, Accept: 'application/json' })
    .send({ text: MARK })
    .expect(200);
  return id;
}

async function aChat(): Promise<string> {
  const id = `chat-${(chats += 1)}`;
  const { headers } = await alpha.publishable('post', '/v1/chat').send(chatBody(id)).expect(200);
  threadToken = String(headers['x-thread-token']);
  return id;
}
let chats = 0;
const chatBody = (id: string) => ({
  id,
  trigger: 'submit-message',
  messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: MARK }] }],
});

async function aProductOfTheirs(): Promise<string> {
  await app.service.context.products.putMany(alpha.accountId, [aProduct({ sku: 'GONE', name: MARK })]);
  return 'GONE';
}

const aKeyOfTheirs = byOwner('/v1/keys', { kind: 'publishable', name: MARK, hosts: ['a.example'] });
const aPlace = { ...aLocation(), directions: MARK, hours: anOpenWeek() };
const aPlaceToRemove = byOwner('/v1/locations', aPlace);
const mainPlace = async () => (await app.service.accounts.getMainLocation(alpha.accountId))._id;
const anEnd = new Date(Date.now() + 3_600_000).toISOString();
const aNote = { text: MARK, expiresAt: anEnd };
const aFaq = { question: 'Dogs?', answer: MARK };
const anInvitation = { email: 'new@people.example', role: 'viewer' };

async function aMemberId(): Promise<string> {
  const { userId } = await joinAs(app, alpha.accountId, 'viewer');
  return userId;
}

/** Every route of /openapi.json. */
const table: Record<string, Row> = {
  'GET /healthz': { rule: 'anyone' },
  'GET /readyz': { rule: 'anyone' },
  'POST /v1/auth/signup': { rule: 'anyone', passes: 400 },
  'POST /v1/auth/login': { rule: 'anyone', passes: 400 },
  'POST /v1/auth/refresh': { rule: 'ownPage' },
  'POST /v1/auth/logout': { rule: 'anyone', passes: 400, body: { everywhere: 'no' } },
  'POST /v1/auth/verify-email': { rule: 'person', passes: 400 },
  'POST /v1/auth/forgot-password': { rule: 'anyone', passes: 400 },
  'POST /v1/auth/reset-password': { rule: 'anyone', passes: 400 },
  'POST /v1/auth/accept-invitation': { rule: 'anyone', passes: 400 },
  'POST /v1/auth/change-password': { rule: 'person', passes: 400 },
  'POST /v1/auth/resend-verification': { rule: 'person' },
  'GET /v1/auth/sessions': { rule: 'person' },
  'DELETE /v1/auth/sessions/{id}': { rule: 'person', id: () => 'ses_unknown', passes: 404 },
  'GET /v1/me': { rule: 'person' },

  'GET /v1/account': { rule: 'read' },
  'PATCH /v1/account': { rule: 'write', body: { description: MARK } },
  'DELETE /v1/account': { rule: 'ownerOnly', body: {}, passes: 400 },
  'GET /v1/account/usage': { rule: 'usage' },
  'GET /v1/account/audit': { rule: 'ownerOnly' },
  'GET /v1/account/export': { rule: 'ownerOnly' },
  'GET /v1/team': { rule: 'memberRead' },
  'POST /v1/team/invitations': { rule: 'ownerOnly', body: { ...anInvitation, role: 'king' }, passes: 400 },
  'DELETE /v1/team/invitations/{id}': { rule: 'ownerOnly', id: () => 'inv_unknown', passes: 404 },
  'PATCH /v1/team/{userId}': { rule: 'ownerOnly', id: aMemberId, body: { role: 'manager' } },
  'DELETE /v1/team/{userId}': { rule: 'ownerOnly', id: aMemberId },
  'GET /v1/keys': { rule: 'memberRead' },
  'POST /v1/keys': { rule: 'memberWrite', body: { kind: 'publishable', name: MARK, hosts: ['a.example'] } },
  'PATCH /v1/keys/{id}': { rule: 'memberWrite', id: aKeyOfTheirs, body: { name: MARK } },
  'DELETE /v1/keys/{id}': { rule: 'memberWrite', id: aKeyOfTheirs },
  'POST /v1/keys/{id}/rotate': { rule: 'memberWrite', id: aKeyOfTheirs, body: {} },
  'GET /v1/keys/{id}/refusals': { rule: 'memberRead', id: () => alpha.keyId },
  'POST /v1/keys/{id}/refusals/allow': { rule: 'memberWrite', id: aKeyOfTheirs, body: { host: 'b.example' } },

  'GET /v1/locations': { rule: 'read' },
  'POST /v1/locations': { rule: 'write', body: aPlace },
  'PATCH /v1/locations/{id}': { rule: 'write', id: mainPlace, body: { directions: MARK } },
  'DELETE /v1/locations/{id}': { rule: 'write', id: aPlaceToRemove },
  'GET /v1/locations/{id}/hours': { rule: 'read', id: mainPlace },
  'PUT /v1/locations/{id}/hours': { rule: 'write', id: mainPlace, body: anOpenWeek() },
  'GET /v1/hours': { rule: 'read' },
  'PUT /v1/hours': { rule: 'write', body: anOpenWeek() },
  'GET /v1/hours/now': { rule: 'read' },
  'GET /v1/products': { rule: 'read' },
  'POST /v1/products': { rule: 'write', body: { sku: '' }, passes: 400 },
  // A SKU is a name that each business gives: B's callers act on their own.
  'PUT /v1/products/{sku}': { rule: 'write', id: () => SKU, body: { name: 'Bun' }, foreign: 'own' },
  'PATCH /v1/products/{sku}': { rule: 'write', id: aProductOfTheirs, body: { name: 'Bun' } },
  'DELETE /v1/products/{sku}': { rule: 'write', id: aProductOfTheirs },
  'GET /v1/faqs': { rule: 'read' },
  'POST /v1/faqs': { rule: 'write', body: aFaq },
  'PATCH /v1/faqs/{id}': { rule: 'write', id: byOwner('/v1/faqs', aFaq), body: { answer: MARK } },
  'DELETE /v1/faqs/{id}': { rule: 'write', id: byOwner('/v1/faqs', aFaq) },
  'GET /v1/local-context': { rule: 'read' },
  'POST /v1/local-context': { rule: 'write', body: aNote },
  'DELETE /v1/local-context/{id}': { rule: 'write', id: byOwner('/v1/local-context', aNote) },
  'GET /v1/context': { rule: 'read' },
  'GET /v1/context/files/{name}': { rule: 'read', id: () => 'faqs.md' },
  'POST /v1/context/sync': { rule: 'write', body: {} },
  'POST /v1/context/search': { rule: 'read', body: { query: MARK } },
  'GET /v1/assistant': { rule: 'read' },
  'PATCH /v1/assistant': { rule: 'write', body: {} },
  'GET /v1/assistant/versions': { rule: 'read' },

  'GET /v1/widget': { rule: 'visitor' },
  'POST /v1/threads': { rule: 'visitor', body: {} },
  'GET /v1/threads/{id}': { rule: 'thread', id: aConversation },
  'DELETE /v1/threads/{id}': { rule: 'thread', id: aThread },
  'GET /v1/threads/{id}/export': { rule: 'thread', id: aConversation },
  'POST /v1/threads/{id}/messages': { rule: 'thread', id: aThread, body: { text: 'Hello?' } },
  'POST /v1/threads/{id}/stop': { rule: 'thread', id: aThread },
  'POST /v1/threads/{id}/handoff': { rule: 'thread', id: aThread, body: { email: 'me@people.example' } },
  'POST /v1/chat': { rule: 'visitor', body: chatBody('chat-of-each') },
  // The name is the client's, so a key that has no such chat is told that nothing runs in it, as for any name.
  'GET /v1/chat/{id}/stream': { rule: 'visitor', id: aChat, foreign: 204 },
  'GET /v1/conversations': { rule: 'read' },
  'GET /v1/conversations/{id}': { rule: 'read', id: aConversation },
  'DELETE /v1/conversations/{id}': { rule: 'write', id: aConversation },
  'DELETE /v1/visitors/{visitor}': { rule: 'write', id: () => 'somebody', foreign: 200 },

  'GET /v1/admin/accounts': { rule: 'operator' },
  'PATCH /v1/admin/accounts/{id}': { rule: 'operator', id: () => alpha.accountId, body: { status: 'active' } },
  'POST /v1/admin/accounts/{id}/sync': { rule: 'operator', id: () => alpha.accountId },
};

/** Calls the route as somebody, with a name of A's in it. */
async function call(route: string, name: string | undefined, send: Send, body: object | undefined): Promise<Response> {
  const [method = '', template = ''] = route.split(' ');
  const request = send(
    method.toLowerCase() as Method,
    template.replace(/\{\w+\}/, () => name ?? ''),
  );
  if (threadToken !== '') void request.set('X-Thread-Token', threadToken);
  if (method === 'POST' && /threads|chat/.test(template)) void request.set('Accept', 'application/json');
  return body === undefined ? request : request.send(body);
}

/** What remembers its own callers, at a time of its own. */
const BOOKKEEPING = new Set(['lastUsedAt', 'refusedHosts', 'refusalsRev']);

/** A digest of all that the database has of A, by collection. */
async function readAlpha(): Promise<Record<string, string>> {
  const { db } = app.service.platform.connection;
  const collections = (await db?.listCollections().toArray()) ?? [];
  const digests = collections.map(async ({ name }) => {
    const { accountId } = alpha;
    const ofAlpha = { $or: [{ accountId }, { _id: accountId as never }] };
    const documents = await db?.collection(name).find(ofAlpha).sort({ _id: 1 }).toArray();
    const text = JSON.stringify(documents, (key, value: unknown) => (BOOKKEEPING.has(key) ? undefined : value));
    return [name, createHash('sha256').update(text).digest('hex')];
  });
  return Object.fromEntries(await Promise.all(digests)) as Record<string, string>;
}

test('the table has every route of /openapi.json, and no other', async () => {
  const { body } = await app.http.get('/openapi.json');
  const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(Object.keys(table).sort()).toEqual(documented.sort());
});

describe.each(Object.entries(table))('%s', (route, { rule, id, body, passes, foreign = 404 }) => {
  const passed = passes ?? 'a success';

  test('passes for whom it is, and refuses the others', async () => {
    const seen: Partial<Record<Kind, unknown>> = {};
    const wanted: Partial<Record<Kind, unknown>> = {};
    const untouched = await id?.();
    for (const kind of KINDS) {
      const mayPass = rules[rule][kind] === 'pass';
      const { status, text } = await call(route, mayPass ? await id?.() : untouched, callers[kind], body);
      wanted[kind] = mayPass ? passed : rules[rule][kind];
      seen[kind] = (passes === undefined ? isSuccess(status) : status === passes) ? passed : status;
      if (!mayPass) expect(text).not.toContain(MARK);
    }
    expect(seen).toEqual(wanted);
  }, 30_000);

  test('shows and changes nothing of A when B names what is A’s', async () => {
    const betas = JSON.parse(JSON.stringify(body ?? null).replaceAll(MARK, 'beta')) as object | null;
    const name = await id?.();
    const before = await readAlpha();
    for (const send of [beta.publishable, beta.secret, bySession(beta.owner)]) {
      const { status, text } = await call(route, name, send, betas ?? undefined);
      const isAsked = id !== undefined && foreign !== 'own' && status !== 401 && status !== 403;
      if (isAsked) expect(status).toBe(foreign);
      expect(text).not.toContain(alpha.accountId);
      expect(text).not.toContain(MARK);
    }
    expect(await readAlpha()).toEqual(before);
  }, 30_000);
});

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
