import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApp, type TestApp, type TestBusiness } from '../testing/start-app.ts';
import { type RequestOrigin, requireAllowedHost } from './allowed-host.ts';
import { readHostPattern } from './host-pattern.ts';

const HOSTS = ['host.com', '*.shop.example', 'localhost:3000', '203.0.113.7', '[::1]', 'xn--bcher-kva.example'];

function isAnswered(request: Partial<RequestOrigin>): boolean {
  const from = { origin: undefined, secFetchSite: undefined, ownOrigin: 'https://api.example', isRead: false };
  try {
    requireAllowedHost({ ...from, ...request }, HOSTS);
    return true;
  } catch {
    return false;
  }
}

/** What browsers send as `Origin`, and whether a key with those hosts answers. */
const origins: readonly [string, boolean, string][] = [
  ['https://host.com', true, 'the host'],
  ['http://host.com', true, 'without TLS: a host is a host'],
  ['https://host.com:8443', true, 'any port, since none was given'],
  ['https://www.host.com', false, 'a subdomain that nobody allowed'],
  ['https://evil-host.com', false, 'a name that ends alike'],
  ['https://host.evil.com', false, 'a name that begins alike'],
  ['https://host.com.evil.com', false, 'the host as a subdomain of another'],
  ['https://hostXcom', false, 'a dot is a dot'],
  ['https://host.com.', false, 'a trailing dot: another origin to browsers'],
  ['https://HOST.com', false, 'capitals: no browser sends them'],
  ['https://host.com:443', false, 'the usual port: no browser sends it'],
  ['https://host.com@evil.com', false, 'the host as a user name'],
  ['https://evil.com@host.com', false, 'a user name before the host'],
  ['https://host.com/path', false, 'a path'],
  ['https://host.com#evil.com', false, 'a fragment'],
  ['https://evil.com\\.host.com', false, 'a backslash'],
  ['https://host.com evil.com', false, 'two'],
  ['https://h\u043Est.com', false, 'a Cyrillic o, which no header can hold'],
  ['https://xn--hst-tld.com', false, 'a homograph as browsers send it'],
  ['https://bücher.example', false, 'a name that is not ASCII, unencoded'],
  ['https://xn--bcher-kva.example', true, 'the same as browsers send it'],
  ['https://a.shop.example', true, 'a subdomain of *.'],
  ['https://a.b.shop.example', true, 'a subdomain of a subdomain'],
  ['https://shop.example', false, 'the name itself is no subdomain'],
  ['https://evilshop.example', false, 'alike, without the dot'],
  ['https://a.shop.example.evil.com', false, 'subdomain and more'],
  ['https://.shop.example', false, 'an empty label'],
  ['http://localhost:3000', true, 'host and port'],
  ['http://localhost:3001', false, 'another port'],
  ['http://localhost', false, 'the usual port is another too'],
  ['http://203.0.113.7', true, 'an IPv4 address'],
  ['http://3405803783', false, 'the same as a number: no browser sends it'],
  ['http://203.0.113.70', false, 'another address'],
  ['http://[::1]:8080', true, 'an IPv6 address'],
  ['http://[0:0:0:0:0:0:0:1]', false, 'the same written out: no browser sends it'],
  ['null', false, 'a file or a sandbox'],
  ['file://', false, 'a file'],
  ['chrome-extension://host.com', false, 'an extension'],
  ['', false, 'nothing'],
];

test.each(origins)('Origin %j: %s (%s)', (origin, answered) => {
  expect(isAnswered({ origin })).toBe(answered);
});

test.each([
  [{ secFetchSite: 'same-origin', ownOrigin: 'https://host.com', isRead: true }, true],
  [{ secFetchSite: 'same-origin', ownOrigin: 'http://localhost:3000', isRead: true }, true],
  [{ secFetchSite: 'same-origin', ownOrigin: 'https://evil.com', isRead: true }, false],
  [{ secFetchSite: 'same-origin', ownOrigin: 'https://host.com', isRead: false }, false],
  [{ secFetchSite: 'same-site', ownOrigin: 'https://host.com', isRead: true }, false],
  [{ secFetchSite: 'none', ownOrigin: 'https://host.com', isRead: true }, false],
  [{ ownOrigin: 'https://host.com', isRead: true }, false],
])('without Origin %j: %s', (request, answered) => {
  expect(isAnswered(request)).toBe(answered);
});

test.each([
  ['Bakery.Example', 'bakery.example'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['*.Bücher.example', '*.xn--bcher-kva.example'],
  ['bakery.example:8443', 'bakery.example:8443'],
  ['*.bakery.example:443', '*.bakery.example:443'],
  ['*.bakery.co.uk', '*.bakery.co.uk'],
  ['localhost', 'localhost'],
  ['localhost:0080', 'localhost:80'],
  ['127.0.0.1:3000', '127.0.0.1:3000'],
  ['[0:0::1]:8080', '[::1]:8080'],
])('a host that is allowed as %j is kept as %j', (given, pattern) => {
  expect(readHostPattern(given)).toEqual({ pattern });
});

test.each([
  'https://bakery.example',
  'bakery.example/shop',
  'me@bakery.example',
  'bakery.example.',
  '.bakery.example',
  'a..example',
  'bakery.example:99999',
  'bakery.example:',
  'bakery.example:80:80',
  'bakery .example',
  'bakery.example?',
  'bakery\\example',
  '*',
  '*.',
  '*.com',
  '*.co.uk',
  '*.localhost',
  '*.github.io',
  '*.127.0.0.1',
  '*.[::1]',
  '**.bakery.example',
  'a.*.example',
  '*bakery.example',
  '::1',
  '',
])('%j can be allowed by nobody', (given) => {
  expect(readHostPattern(given)).toEqual({ problem: expect.stringMatching(/^(must be|\*\. must)/) });
});

describe('through HTTP', () => {
  let app: TestApp;
  let bakery: TestBusiness;
  let key: string;

  beforeAll(async () => {
    app = await startApp();
    bakery = await app.business();
    const made = { kind: 'publishable', name: 'shop', hosts: ['host.com', '*.shop.example'], scopes: [] } as const;
    ({ key } = await app.service.auth.keys.create(bakery.accountId, made));
  });

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  const visit = (headers: Record<string, string>) => app.http.get('/v1/widget').set({ 'X-API-Key': key, ...headers });

  test.each([
    ['another origin', { Origin: 'https://evil.com' }, /^evil\.com is not a host/],
    ['no origin', {}, /names no Origin/],
    ['a file', { Origin: 'null' }, /^Origin: null \(a file/],
    ['a forged Referer alone', { Referer: 'https://host.com/' }, /names no Origin/],
    ['a forged Referer', { Origin: 'https://evil.com', Referer: 'https://host.com/' }, /^evil\.com is not/],
    [
      'a forged X-Forwarded-Host',
      { 'X-Forwarded-Host': 'host.com', 'Sec-Fetch-Site': 'same-origin' },
      /^127\.0\.0\.1:\d+ is not/,
    ],
  ])(
    '%s: 403, a detail that names the host, readable by the page that sent it',
    async (_, headers: Record<string, string>, detail) => {
      const answer = await visit(headers);

      expect(answer).toMatchObject({ status: 403, body: { type: 'urn:chatbusiness:problem:host-not-allowed' } });
      expect(answer.body.detail).toMatch(detail);
      expect(answer.headers['access-control-allow-origin']).toBe(headers['Origin']);
      expect(answer.headers['vary']).toMatch(/Origin/);
    },
  );

  test.each([{ Origin: 'https://a.shop.example' }, { Host: 'host.com', 'Sec-Fetch-Site': 'same-origin' }])(
    '%j: 200',
    async (headers: Record<string, string>) => {
      expect((await visit(headers)).status).toBe(200);
    },
  );

  test('an own page reads and sends, a message as well', async () => {
    const thread = await app.http.post('/v1/threads').set({ 'X-API-Key': key, Origin: 'https://host.com' });
    expect(thread.status).toBe(201);
  });
});
