import path from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { AppError } from '../platform/errors.ts';
import { type Platform, projectRoot } from '../platform/platform.ts';
import type { Demo } from './demo.ts';

/**
 * The demo pages and the keys that they act with. The keys go to pages of this very server only: `Host` must be one of ours
 * (a foreign name that resolves here is DNS rebinding) and the browser must call the request same-origin.
 */
export function demoRoutes(demo: Demo, config: Platform['config']): Router {
  const router = Router();
  const files = path.join(projectRoot, 'website', 'demo');
  router.use(['/demo', '/demo-files'], requireOwnHost(config));
  router.use('/demo-files', express.static(files, { index: false, fallthrough: false }));

  router.get('/', (_req, res) => res.redirect('/demo'));
  router.get(['/demo', '/demo/:slug'], async (req, res) => {
    const { slug } = req.params;
    const isKnown = slug === undefined || (await demo.list()).some((business) => business.slug === slug);
    if (!isKnown) throw new AppError('not-found', `There is no demo business ${String(slug).slice(0, 80)}`);
    res.set('Cache-Control', 'no-store').sendFile(path.join(files, 'index.html'));
  });
  router.get('/demo-keys.json', requireOwnHost(config), async (req, res) => {
    if (req.get('Sec-Fetch-Site') !== 'same-origin') {
      throw new AppError('not-permitted', 'The demo keys are for the demo pages of this server only');
    }
    res.set('Cache-Control', 'no-store').json({ businesses: await demo.list() });
  });
  return router;
}

function requireOwnHost({ host, publicUrl }: Platform['config']): RequestHandler {
  const own = new Set(['localhost', '127.0.0.1', '[::1]', host.toLowerCase()]);
  if (publicUrl !== undefined) own.add(new URL(publicUrl).hostname);
  return (req, _res, next) => {
    const seen = (req.get('Host') ?? '').toLowerCase().replace(/:\d+$/, '');
    if (!own.has(seen))
      throw new AppError('untrusted-host', `Host: ${seen.slice(0, 100) || 'none'} is not a name of this server`);
    next();
  };
}
