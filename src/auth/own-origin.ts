import type { Request } from 'express';
import { AppError } from '../platform/errors.ts';

/**
 * Refuses what another site's page sends with a visitor's cookies. Browsers always name the origin of what isn't a mere read. It must be
 * that of `PUBLIC_URL`; without one, the host that was asked (its scheme is unknown behind a proxy).
 * @throws AppError `foreign-origin`.
 */
export function requireOwnOrigin(req: Request, publicUrl: string | undefined): void {
  const origin = req.get('Origin');
  const host = req.get('Host')?.toLowerCase() ?? '';
  const own = publicUrl === undefined ? `http://${host}` : new URL(publicUrl).origin;
  if (origin === undefined) {
    throw new AppError('foreign-origin', `The request names no Origin; programs without a browser send Origin: ${own}`);
  }
  const url = URL.parse(origin);
  const isOwn =
    url !== null &&
    url.origin === origin &&
    (publicUrl === undefined
      ? /^https?:$/.test(url.protocol) && url.host === hostOf(host, url.protocol)
      : origin === own);
  if (!isOwn) throw new AppError('foreign-origin', `Origin: ${origin.slice(0, 200)} is not a page of ${own}`);
}

/** As the URL standard writes it: without the usual port of the scheme. */
function hostOf(host: string, protocol: string): string | undefined {
  return URL.parse(`${protocol}//${host}`)?.host;
}
