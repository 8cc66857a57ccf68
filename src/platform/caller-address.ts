import { isIP } from 'node:net';
import type { Request } from 'express';

/**
 * The address that a request counts for: an IPv4 address, or the /64 of an IPv6 one, since that is what one household or server has
 * and may change within as it likes. Behind a proxy it is what the proxy says, if the proxy is trusted.
 */
export function addressOf(req: Request): string {
  return countedAddress(req.ip ?? '') ?? countedAddress(req.socket.remoteAddress ?? '') ?? 'unknown';
}

/** Pure; undefined for what is no address. Proxies may add a port. */
export function countedAddress(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '');
  if (isIP(address) === 4) return address;
  if (isIP(address) !== 6) return undefined;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xff_ff;
  if (isMapped) return [groups[6], groups[7]].flatMap((group = 0) => [group >> 8, group & 0xff]).join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The URL standard writes an IPv6 address in one way, without a dotted end. */
function groupsOf(address: string): number[] {
  const { hostname } = new URL(`http://[${address}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const [first, last] = [readGroups(head), readGroups(tail)];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}

function readGroups(part: string | undefined): number[] {
  return part ? part.split(':').map((group) => Number.parseInt(group, 16)) : [];
}
