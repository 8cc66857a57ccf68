import type { Request } from 'express';
import { LRUCache } from 'lru-cache';
import type { Connection } from 'mongoose';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { Config } from '../config.ts';
import { addressOf } from './caller-address.ts';
import { AppError } from './errors.ts';
import type { Logger } from './logger.ts';
import { createLimiters } from './limiters.ts';
import type { AnyCaller, RouteHooks } from './route.ts';
import type { Hasher } from './server-secret.ts';

type LimitName = 'account' | 'key' | 'address' | 'person';

interface Count {
  readonly name: LimitName;
  readonly perMinute: number;
  readonly left: number;
  readonly resetS: number;
  readonly isOver: boolean;
}

const MINUTE_S = 60;
/** How many that are over a limit are remembered. */
const OVER_MAX = 10_000;

const WHO: Record<LimitName, string> = {
  account: 'business',
  key: 'API key',
  address: 'address',
  person: 'person',
};

/**
 * Counts requests by the minute: of a business, and of the secret key, the visitor's address (within a key) or the person that calls.
 * All counts are taken at once, but whoever is over one counts for none until its minute is over: a visitor must not use up what the
 * business may. They are kept in the database, so that they hold across processes; while it is away or slow, each
 * process counts in memory.
 */
export function createAdmit(deps: {
  connection: Connection;
  config: Pick<Config, 'rateLimits' | 'trustedProxies'>;
  hasher: Hasher;
  log: Logger;
}): RouteHooks['admit'] {
  const { hasher, log } = deps;
  const { rateLimits } = deps.config;
  const limiters = createLimiters(deps.connection, {
    account: aMinute(rateLimits.account),
    key: aMinute(rateLimits.key),
    address: aMinute(rateLimits.address),
    person: aMinute(rateLimits.person),
  });

  /** Until when, by limit and key. */
  const over = new LRUCache<string, number>({ max: OVER_MAX });

  const describe = (name: LimitName, left: number, msBeforeNext: number, isOver = false): Count => ({
    name,
    perMinute: limiters[name].points,
    left,
    resetS: Math.max(1, Math.ceil(msBeforeNext / 1000)),
    isOver,
  });

  function findOver([name, key]: readonly [LimitName, string]): Count | undefined {
    const leftMs = (over.get(`${name}:${key}`) ?? 0) - performance.now();
    return leftMs > 0 ? describe(name, 0, leftMs, true) : undefined;
  }

  async function count([name, key]: readonly [LimitName, string]): Promise<Count | undefined> {
    try {
      const { remainingPoints, msBeforeNext } = await limiters[name].consume(key);
      return describe(name, remainingPoints, msBeforeNext);
    } catch (error) {
      if (error instanceof RateLimiterRes) {
        over.set(`${name}:${key}`, performance.now() + error.msBeforeNext);
        return describe(name, 0, error.msBeforeNext, true);
      }
      log.error({ event: 'rateLimit.failed', limit: name, err: error }, 'a request was not counted');
      return undefined;
    }
  }

  let isTold = false;
  function tellOfProxy(req: Request): void {
    if (isTold || deps.config.trustedProxies.length > 0 || req.headers['x-forwarded-for'] === undefined) return;
    isTold = true;
    log.warn(
      { event: 'proxy.untrusted' },
      'a proxy that is not in TRUSTED_PROXIES: all of its visitors are one address',
    );
  }

  return async (caller, req, res) => {
    tellOfProxy(req);
    const counted = countedFor(caller, req, hasher);
    const refused = counted.map(findOver).find((each) => each !== undefined);
    const counts = refused === undefined ? await Promise.all(counted.map(count)) : [refused];
    const tightest = counts
      .filter((each) => each !== undefined)
      .sort((a, b) => a.left - b.left || Number(b.isOver) - Number(a.isOver))[0];
    if (tightest === undefined) return;
    const { name, perMinute, left, resetS } = tightest;
    if (!res.headersSent) {
      res.set('RateLimit-Policy', `"${name}";q=${perMinute};w=${MINUTE_S}`);
      res.set('RateLimit', `"${name}";r=${left};t=${resetS}`);
    }
    if (!tightest.isOver) return;
    const detail = `This ${WHO[name]} may send ${perMinute} requests a minute; go on in ${resetS} s`;
    throw new AppError('too-many-requests', detail, { retryAfterS: resetS });
  };
}

const aMinute = (points: number) => ({ points, duration: MINUTE_S });

/** What a request counts for. Addresses are kept as keyed hashes only. */
function countedFor(caller: AnyCaller, req: Request, hasher: Hasher): (readonly [LimitName, string])[] {
  const account = 'accountId' in caller ? [['account', caller.accountId] as const] : [];
  if ('userId' in caller) return [...account, ['person', caller.userId]];
  if ('kind' in caller && caller.kind === 'publishable')
    return [...account, ['address', `${caller.keyId}:${hasher.hash('address', addressOf(req))}`]];
  return [...account, ['key', caller.actorId]];
}
