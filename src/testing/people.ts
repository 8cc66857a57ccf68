import type { Test } from 'supertest';
import type { Role } from '../auth/scopes.ts';
import type { Mail, Outbox } from '../platform/outbox.ts';
import type { TestApp } from './start-app.ts';

/** The host by which the browsers of tests reach the service. */
const HOST = 'chat.example';

export const PASSWORD = 'four words make one';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** A browser with its cookies: each request brings them, its page's `Origin`, and `X-Account` once that is set. */
export interface TestBrowser extends Record<Method, (path: string) => Test> {
  readonly cookies: Map<string, string>;
  account: string | undefined;
}

export interface TestPerson extends TestBrowser {
  readonly userId: string;
  readonly accountId: string;
  readonly email: string;
}

interface PersonFields {
  readonly email?: string;
  readonly password?: string;
  readonly name?: string;
  readonly business?: { readonly name: string; readonly timezone?: string };
}

let made = 0;

export function openBrowser({ http }: Pick<TestApp, 'http'>): TestBrowser {
  const cookies = new Map<string, string>();
  const browser = { cookies, account: undefined } as TestBrowser;
  const send = (method: Method) => (path: string) => {
    const sent = [...cookies].filter(([name]) => !name.endsWith('cb_refresh') || path.startsWith('/v1/auth'));
    const request = http[method](path).set('Host', HOST).set('Origin', `http://${HOST}`);
    if (sent.length > 0) void request.set('Cookie', sent.map(([name, value]) => `${name}=${value}`).join('; '));
    if (browser.account !== undefined) void request.set('X-Account', browser.account);
    return request.on('response', ({ headers }: { headers: Record<string, unknown> }) => {
      keepCookies(cookies, (headers['set-cookie'] ?? []) as string[]);
    });
  };
  return Object.assign(browser, {
    get: send('get'),
    post: send('post'),
    put: send('put'),
    patch: send('patch'),
    delete: send('delete'),
  });
}

/** Signs somebody up, with a business of their own, of which they are the owner. */
export async function signUp(app: Pick<TestApp, 'http'>, fields: PersonFields = {}): Promise<TestPerson> {
  made += 1;
  const browser = openBrowser(app);
  const person = {
    email: `person${made}@people.example`,
    password: PASSWORD,
    name: 'Kim Lee',
    business: { name: 'Corner Bakery' },
    ...fields,
  };
  const { body } = await browser.post('/v1/auth/signup').send(person).expect(201);
  return Object.assign(browser, {
    userId: body.user.id as string,
    accountId: body.account.id as string,
    account: body.account.id as string,
    email: person.email,
  });
}

/** Somebody else of that business, in that role. They have a business of their own, too. */
export async function joinAs(app: TestApp, accountId: string, role: Role): Promise<TestPerson> {
  const person = await signUp(app);
  await app.service.auth.memberships.add(accountId, person.userId, role);
  return Object.assign(person, { accountId, account: accountId });
}

/** Logs somebody in, on another browser. */
export async function logIn(app: Pick<TestApp, 'http'>, email: string, password = PASSWORD): Promise<TestBrowser> {
  const browser = openBrowser(app);
  await browser.post('/v1/auth/login').send({ email, password }).expect(200);
  return browser;
}

/** Where mails go in a test; given to `startApp` as `outbox`. */
export interface Mailbox extends Outbox {
  readonly mails: readonly Mail[];
  /** The token of the newest mail to that address whose subject matches, once it is there. */
  tokenTo(address: string, subject: RegExp): Promise<string>;
}

export function createMailbox(): Mailbox {
  const mails: Mail[] = [];
  const arrivals = new Set<() => void>();
  return {
    mails,
    async post(mail) {
      mails.push(mail);
      for (const arrived of arrivals) arrived();
      arrivals.clear();
    },
    async withdraw(id) {
      const index = mails.findIndex((mail) => mail.id === id);
      if (index !== -1) mails.splice(index, 1);
    },
    async tokenTo(address, subject) {
      for (;;) {
        const mail = mails.findLast(({ to, subject: its }) => to === address && subject.test(its));
        const token = /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
        if (token !== undefined) return token;
        await new Promise<void>((resolve) => arrivals.add(resolve));
      }
    },
  };
}

function keepCookies(cookies: Map<string, string>, headers: readonly string[]): void {
  for (const header of headers) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
    if (value === '') cookies.delete(name);
    else cookies.set(name, value);
  }
}
