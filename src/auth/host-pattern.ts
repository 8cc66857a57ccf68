import { isIP } from 'node:net';
import { z } from 'zod';

/** Second-level names under which countries sell names: `*.co.uk` would be everybody's. */
const SOLD_BELOW = new Set(['ac', 'co', 'com', 'edu', 'go', 'gov', 'ne', 'net', 'or', 'org']);
/** Names below which strangers have pages of their own. */
const SHARED = new Set([
  'blogspot.com',
  'github.io',
  'herokuapp.com',
  'myshopify.com',
  'netlify.app',
  'pages.dev',
  'squarespace.com',
  'vercel.app',
  'web.app',
  'webflow.io',
  'wixsite.com',
  'wordpress.com',
  'workers.dev',
]);

/**
 * Reads what an owner allows: a name, an IPv4 address or one in brackets, with a port or without (any port), or `*.` and a name for
 * its subdomains. Names become what browsers send: lower case, `xn--` for what isn't ASCII. A `*.` needs a name that somebody can
 * own; that is told by a short list of endings, not by the whole Public Suffix List.
 */
export function readHostPattern(text: string): { readonly pattern: string } | { readonly problem: string } {
  const isWildcard = text.startsWith('*.');
  const [, given = '', port] = /^(.*?)(?::(\d{1,5}))?$/s.exec(isWildcard ? text.slice(2) : text) ?? [];
  const hostname = /[\s/\\@?#%*]|:\d*$/.test(given) ? undefined : URL.parse(`http://${given}`)?.hostname;
  // `null` is what files and sandboxes say they are.
  if (hostname === undefined || hostname === 'null' || Number(port ?? 1) > 65_535 || hostname.split('.').includes(''))
    return { problem: 'must be a host alone, such as bakery.example: no https://, no path, no dot at its end' };
  if (isWildcard && !isOwned(hostname))
    return { problem: '*. must stand before a name of your own, such as *.bakery.example' };
  return { pattern: `${isWildcard ? '*.' : ''}${hostname}${port === undefined ? '' : `:${Number(port)}`}` };
}

/** A host pattern in a request, as it is kept. */
export const HostPattern = z
  .string()
  .trim()
  .min(1)
  .max(255)
  .transform((text, context) => {
    const read = readHostPattern(text);
    if ('pattern' in read) return read.pattern;
    context.addIssue({ code: 'custom', message: read.problem });
    return z.NEVER;
  });

function isOwned(hostname: string): boolean {
  const labels = hostname.split('.');
  if (hostname.startsWith('[') || isIP(hostname) !== 0 || labels.length < 2 || SHARED.has(hostname)) return false;
  const isSold = labels.length === 2 && labels[1]?.length === 2 && SOLD_BELOW.has(labels[0] ?? '');
  return !isSold;
}
