import type { Request, Response } from 'express';
import passport from 'passport';

/**
 * Whom a strategy of passport finds behind a request, as a promise; undefined if nobody. Passport itself would answer in plain text.
 * The promise rejects with what the strategy errs with.
 */
export function askPassport<Found>(
  strategy: passport.Strategy & { name: string },
): (req: Request, res: Response) => Promise<Found | undefined> {
  const authenticator = new passport.Passport();
  authenticator.use(strategy);
  return (req, res) =>
    new Promise((resolve, reject) => {
      const check = authenticator.authenticate(strategy.name, { session: false }, (error: unknown, found: unknown) => {
        if (error) reject(error);
        else resolve(found ? (found as Found) : undefined);
      }) as (req: unknown, res: unknown, next: (error?: unknown) => void) => void;
      check(req, res, reject);
    });
}
