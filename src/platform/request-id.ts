import type { RequestHandler } from 'express';
import type { NewId } from './ids.ts';

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- the one way to extend Express' Request
  namespace Express {
    interface Request {
      /** Names this request in the answer, the log and problem documents. */
      id: string;
    }
  }
}

/** Takes the caller's `X-Request-Id` if it is a plain token, else makes one; echoes it. */
export function requestId(newId: NewId): RequestHandler {
  return (req, res, next) => {
    const given = req.get('X-Request-Id');
    req.id = given !== undefined && /^[\w.:-]{1,100}$/.test(given) ? given : newId('req');
    res.set('X-Request-Id', req.id);
    next();
  };
}
