import { createHmac, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, importJWK, type JWK, SignJWT } from 'jose';
import supertest from 'supertest';
import type { AuthService } from './auth.service.ts';
import { createSigningKeyModel, type SigningKeyRecord } from './signing-key.model.ts';
import { createHasher } from '../platform/server-secret.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { openBrowser, signUp, type TestBrowser, type TestPerson } from '../testing/people.ts';
import { startApp, type TestApp } from '../testing/start-app.ts';

const MINUTE_MS = 60_000;
const clock = createManualClock(new Date().toISOString());
let app: TestApp;
let auth: AuthService;
let ann: TestPerson;

beforeAll(async () => {
  app = await startApp({ clock });
  ({ auth } = app.service);
  ann = await signUp(app);
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const tokenOf = (browser: TestBrowser) => browser.cookies.get('cb_session') ?? '';
const partsOf = (token: string) => token.split('.') as [string, string, string];
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What the service answers to whoever brings that token. */
async function statusOf(token: string, at: Pick<TestApp, 'http'> = app): Promise<number> {
  const browser = openBrowser(at);
  browser.cookies.set('cb_session', token);
  return (await browser.get('/v1/me')).status;
}

const claims = async () => decode(partsOf(await freshToken())[1]);

async function freshToken(): Promise<string> {
  await ann.post('/v1/auth/refresh').expect(204);
  return tokenOf(ann);
}

/** A token by our own key, of other claims or another header. */
async function forge(change: { claims?: object; header?: object }): Promise<string> {
  const { kid, privateKey } = await auth.signingKeys.current();
  return new SignJWT({ ...(await claims()), ...change.claims })
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'session+jwt', ...change.header })
    .sign(privateKey);
}

test('a token of ours is good for 15 minutes', async () => {
  const token = await freshToken();
  expect(await statusOf(token)).toBe(200);
  expect(await statusOf(await forge({}))).toBe(200);
  clock.advance(15 * MINUTE_MS + 11_000);
  expect(await statusOf(token)).toBe(401);
});

describe('refused is a token', () => {
  test('that was tampered with, in each of its parts', async () => {
    const [header, payload, signature] = partsOf(await freshToken());
    const other = await signUp(app);
    const forOther = encode({ ...decode(payload), sub: other.userId });
    expect(await statusOf(`${header}.${forOther}.${signature}`)).toBe(401);
    expect(await statusOf(`${encode({ ...decode(header), extra: 1 })}.${payload}.${signature}`)).toBe(401);
    expect(await statusOf(`${header}.${payload}.${signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))}`)).toBe(401);
    expect(await statusOf(`${header}.${payload}.`)).toBe(401);
    expect(await statusOf('nonsense')).toBe(401);
  });

  test.each(['none', 'None', 'NONE', 'nOnE'])('without signature, as alg %s', async (alg) => {
    const [header, payload, signature] = partsOf(await freshToken());
    const unsigned = `${encode({ ...decode(header), alg })}.${payload}`;
    expect(await statusOf(`${unsigned}.`)).toBe(401);
    expect(await statusOf(`${unsigned}.${signature}`)).toBe(401);
  });

  test.each(['x', 'jwk', 'pem'] as const)('signed by HS256 with our public key as its secret (%s)', async (form) => {
    const { kid, publicKey } = await auth.signingKeys.current();
    const jwk = await exportJWK(publicKey);
    const secrets = {
      x: Buffer.from(jwk.x ?? '', 'base64url'),
      jwk: Buffer.from(JSON.stringify(jwk)),
      pem: Buffer.from(jwk.x ?? ''),
    };
    const signed = `${encode({ alg: 'HS256', kid, typ: 'session+jwt' })}.${encode(await claims())}`;
    const mac = createHmac('sha256', secrets[form]).update(signed).digest('base64url');
    expect(await statusOf(`${signed}.${mac}`)).toBe(401);
  });

  test.each([
    ['of another issuer', { claims: { iss: 'cb00000000' } }],
    ['for another audience', { claims: { aud: 'chatbusiness-mail' } }],
    ['for several audiences without ours', { claims: { aud: ['a', 'b'] } }],
    ['of another type', { header: { typ: 'JWT' } }],
    ['of an unknown key', { header: { kid: 'unknown' } }],
    ['that is over', { claims: { exp: 1 } }],
    ['that never ends', { claims: { exp: undefined } }],
    ['that ends in a year', { claims: { iat: 1, exp: 4_102_444_800 } }],
    ['that is not good yet', { claims: { nbf: 4_102_444_800 } }],
    ['of no session', { claims: { sid: undefined } }],
    ['of a session that is not there', { claims: { sid: 'ses_00000000000000000000000000' } }],
    ['of somebody else, with this session', { claims: { sub: 'usr_00000000000000000000000000' } }],
  ])('%s, though our key signed it', async (_what, change) => {
    expect(await statusOf(await forge(change))).toBe(401);
  });

  test('by a key that it brings along', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const jwk = publicKey.export({ format: 'jwk' }) as JWK;
    const { kid } = await auth.signingKeys.current();
    for (const header of [
      { jwk },
      { jku: 'https://evil.example/keys' },
      { jwk, kid },
      { kid, x5u: 'https://evil.example' },
    ]) {
      const token = await new SignJWT(await claims())
        .setProtectedHeader({ alg: 'EdDSA', typ: 'session+jwt', ...header })
        .sign(privateKey);
      expect(await statusOf(token)).toBe(401);
    }
  });
});

describe('the signing keys', () => {
  test('rotate: old tokens stay good until they are over, other processes know the new key within seconds', async () => {
    const sibling = await app.sibling();
    const there = { http: supertest(sibling.app) };
    const before = await freshToken();
    expect(await statusOf(before, there)).toBe(200);
    clock.advance(1000);

    const kid = await auth.signingKeys.rotate();

    const after = await freshToken();
    expect(decode(partsOf(after)[0])).toEqual({ alg: 'EdDSA', kid, typ: 'session+jwt' });
    expect(await statusOf(after, there)).toBe(200);
    expect(await statusOf(before)).toBe(200);
    clock.advance(5000);
    expect((await sibling.auth.signingKeys.current()).kid).toBe(kid);
  });

  test('that were retired verify nothing once their last token is over, and go', async () => {
    const { kid } = await auth.signingKeys.current();
    await auth.signingKeys.rotate();
    expect(await auth.signingKeys.find(kid)).toBeDefined();
    clock.advance(15 * MINUTE_MS + 21_000);
    expect(await auth.signingKeys.find(kid)).toBeUndefined();
    await auth.signingKeys.rotate();
    const model = createSigningKeyModel(app.service.platform.connection);
    expect(await model.exists({ _id: kid })).toBeNull();
    expect(await model.countDocuments()).toBe(2);
  });

  test('are sealed: what is stored does not sign, whoever reads it', async () => {
    const record = await createSigningKeyModel(app.service.platform.connection).findOne().lean<SigningKeyRecord>();
    const jwk = record?.publicJwk as JWK;
    expect(jwk.d).toBeUndefined();
    const sealed = Buffer.from(record?.sealedPrivateKey ?? '', 'base64').toString('latin1');
    expect(sealed).not.toMatch(/OKP|Ed25519|"d"/);
  });

  test('that somebody slipped into the database are none', async () => {
    const model = createSigningKeyModel(app.service.platform.connection);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const ours = await model.findOne().sort({ generation: -1 }).lean<SigningKeyRecord>();
    await model.create({
      ...ours,
      _id: 'planted',
      generation: (ours?.generation ?? 0) + 1,
      createdAt: clock.now(),
      publicJwk: publicKey.export({ format: 'jwk' }),
    });
    clock.advance(6000);
    const token = await new SignJWT(await claims())
      .setProtectedHeader({ alg: 'EdDSA', kid: 'planted', typ: 'session+jwt' })
      .sign(await importJWK(privateKey.export({ format: 'jwk' }) as JWK, 'EdDSA'));
    expect(await statusOf(token)).toBe(401);
  });

  test('of another server secret are left aside, and one that opens is made', async () => {
    const sibling = await app.sibling({ hasher: createHasher('another secret of 32 characters!!') });
    const before = await auth.signingKeys.current();
    const { kid } = await sibling.auth.signingKeys.current();
    expect(kid).not.toBe(before.kid);
    expect(await sibling.auth.signingKeys.find(before.kid)).toBeUndefined();
  });
});

test('of two processes that start at once with no key, both come to sign by the same', async () => {
  await using fresh = await startApp({ clock });
  const sibling = await fresh.sibling();
  const first = await Promise.all([fresh.service, sibling].map(({ auth }) => auth.signingKeys.current()));
  expect(new Set(first.map(({ kid }) => kid)).size).toBe(1);
  expect(await createSigningKeyModel(fresh.service.platform.connection).countDocuments()).toBe(1);
});

test('tokens of unknown keys make a process look at the database once a second at most', async () => {
  const asked = await app.sibling();
  const looks: string[] = [];
  asked.platform.connection.set('debug', (collection: string, method: string) => looks.push(`${collection}.${method}`));
  const ask = () => Promise.all(Array.from({ length: 100 }, (_, n) => asked.auth.signingKeys.find(`unknown ${n}`)));

  await ask();
  expect(looks).toEqual(['signingKeys.find']);
  clock.advance(1000);
  await ask();
  expect(looks).toEqual(['signingKeys.find', 'signingKeys.find']);
});
