import { AppError } from '../platform/errors.ts';

/** What a browser says about where a request comes from. */
export interface RequestOrigin {
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  readonly host: string | undefined;
}

/**
 * Checks a browser's request against a key's hosts: a name (`bakery.example`, any port), a name with a port
 * (`localhost:3000`) or `*.bakery.example` for its subdomains.
 * @throws AppError `host-not-allowed`, naming the host that was seen.
 */
export function requireAllowedHost(request: RequestOrigin, hosts: readonly string[]): void {
  const seen = originHost(request);
  if (seen === undefined) {
    throw new AppError(
      'host-not-allowed',
      `This key answers pages of ${hosts.join(', ') || 'no host'} only; the request names no Origin`,
    );
  }
  if (!hosts.some((allowed) => isHostAllowed(seen, allowed))) {
    throw new AppError('host-not-allowed', `${seen} is not a host of this key`);
  }
}

/** A browser omits `Origin` on same-origin GETs and says so by `Sec-Fetch-Site`, which a page cannot set. */
function originHost({ origin, secFetchSite, host }: RequestOrigin): string | undefined {
  if (origin === undefined) return secFetchSite === 'same-origin' ? host?.toLowerCase() : undefined;
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return origin.slice(0, 200);
  return new URL(origin).host;
}

function isHostAllowed(seen: string, allowed: string): boolean {
  if (allowed.startsWith('*.'))
    return withoutPort(seen).endsWith(allowed.slice(1)) && withoutPort(seen).length > allowed.length - 1;
  return seen === allowed || withoutPort(seen) === allowed;
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}
