import type { RequestHandler } from 'express';

/**
 * Lets pages of any origin call the API and read its answers, refusals too, but never with cookies: what counts is the key and
 * the origin that the request itself carries. Preflights carry no key, so they are answered to anyone.
 */
export const allowAnyOrigin: RequestHandler = (req, res, next) => {
  res.set('Access-Control-Allow-Origin', '*');
  res.set(
    'Access-Control-Expose-Headers',
    'ETag, Retry-After, X-Request-Id, X-Thread-Id, X-Thread-Token, x-vercel-ai-ui-message-stream',
  );
  if (req.method !== 'OPTIONS') {
    next();
    return;
  }
  res.set('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE');
  res.set(
    'Access-Control-Allow-Headers',
    'Content-Type, X-API-Key, X-Thread-Token, X-Request-Id, Idempotency-Key, If-Match, Last-Event-ID, User-Agent',
  );
  res.set('Access-Control-Max-Age', '7200');
  res.status(204).end();
};
