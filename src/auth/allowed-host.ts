import type { Request } from 'express';
import { AppError } from '../platform/errors.ts';

/** What a browser says about where a request comes from. */
export interface RequestOrigin {
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  /** The address that was asked, for requests without `Origin`. */
  readonly ownOrigin: string;
  readonly isRead: boolean;
}

/** Reads the headers that a page cannot set. `Referer` is none of them: it can be left out or shortened, and proves nothing. */
export function originOf(req: Request): RequestOrigin {
  return {
    origin: req.get('Origin'),
    secFetchSite: req.get('Sec-Fetch-Site'),
    ownOrigin: `${req.protocol}://${req.get('Host')?.toLowerCase()}`,
    isRead: req.method === 'GET' || req.method === 'HEAD',
  };
}

/**
 * Checks a browser's request against a key's hosts: a name (`bakery.example`, any port), a name with a port
 * (`localhost:3000`) or `*.bakery.example` for its subdomains, but not itself. http and https are one: a host is a host.
 * @throws AppError `host-not-allowed`, naming the host that was seen.
 */
export function requireAllowedHost(request: RequestOrigin, hosts: readonly string[]): void {
  const origin = seenOrigin(request);
  if (origin === undefined) {
    throw new AppError('host-not-allowed', 'The request names no Origin; this key answers web pages of its hosts only');
  }
  const url = webOrigin(origin);
  if (url === undefined) {
    const named = origin === 'null' ? 'null (a file, or a page in a sandbox)' : origin.slice(0, 200);
    throw new AppError('host-not-allowed', `Origin: ${named} is not a web page of a host of this key`);
  }
  if (!hosts.some((pattern) => isAllowed(url, pattern)))
    throw new AppError('host-not-allowed', `${url.host} is not a host of this key`);
}

/** The host by which an owner could allow that page; undefined if there is none. */
export function refusedHost(request: RequestOrigin): string | undefined {
  return webOrigin(seenOrigin(request) ?? '')?.host;
}

/** A browser omits `Origin` on same-origin GETs and says so by `Sec-Fetch-Site`, which a page cannot set. */
function seenOrigin({ origin, secFetchSite, ownOrigin, isRead }: RequestOrigin): string | undefined {
  if (origin !== undefined) return origin;
  return isRead && secFetchSite === 'same-origin' ? ownOrigin : undefined;
}

/** Only what a browser would write: a scheme, an ASCII host in lower case and a port that isn't the usual one, nothing else. */
function webOrigin(origin: string): URL | undefined {
  const url = URL.parse(origin);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === origin ? url : undefined;
}

function isAllowed(url: URL, pattern: string): boolean {
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(pattern) ?? [];
  if (port !== undefined && port !== (url.port || (url.protocol === 'https:' ? '443' : '80'))) return false;
  if (!name.startsWith('*.')) return url.hostname === name;
  return url.hostname.endsWith(name.slice(1)) && url.hostname.length >= name.length;
}
