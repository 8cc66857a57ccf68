import type { RequestHandler } from 'express';

/**
 * Which pages may read an answer; cookies never cross origins. What carries a key is read by the page that sent it, refusals too, so
 * that its console shows why: the answer itself went by the key's hosts. What carries cookies and no key comes from our own pages.
 * Preflights carry neither, so they are answered to anyone.
 */
export const cors: RequestHandler = (req, res, next) => {
  if (req.method === 'OPTIONS') {
    res.set('Access-Control-Allow-Origin', '*');
    res.set('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE');
    res.set(
      'Access-Control-Allow-Headers',
      'Content-Type, X-API-Key, X-Thread-Token, X-Request-Id, Idempotency-Key, If-Match, Last-Event-ID, User-Agent',
    );
    res.set('Access-Control-Max-Age', '7200');
    res.status(204).end();
    return;
  }
  const allowed = readableBy(req.get('X-API-Key'), req.get('Origin'), req.get('Cookie'));
  res.vary('Origin');
  if (allowed !== undefined) {
    res.set('Access-Control-Allow-Origin', allowed);
    res.set(
      'Access-Control-Expose-Headers',
      'ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, X-Thread-Id, X-Thread-Token, x-vercel-ai-ui-message-stream',
    );
  }
  next();
};

function readableBy(key: string | undefined, origin: string | undefined, cookie: string | undefined) {
  if (key !== undefined) return origin;
  return cookie === undefined ? '*' : undefined;
}
