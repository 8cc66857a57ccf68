import path from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { AppError } from '../platform/errors.ts';
import { projectRoot } from '../platform/platform.ts';
import type { Demo } from './demo.ts';

/**
 * The demo pages and the keys that they act with, for this machine alone: the connection must come from it, `Host` must
 * be one of its names (a foreign name that resolves here is DNS rebinding), and the keys go to same-origin requests only.
 */
export function demoRoutes(demo: Demo): Router {
  const router = Router();
  const files = path.join(projectRoot, 'website', 'demo');
  router.use(['/demo', '/demo-files'], requireThisMachine);
  router.use('/demo-files', express.static(files, { index: false }));

  router.get('/', (_req, res) => res.redirect('/demo'));
  router.get(['/demo', '/demo/:slug'], async (req, res) => {
    const { slug } = req.params;
    const isKnown = slug === undefined || (await demo.list()).some((business) => business.slug === slug);
    if (!isKnown) throw new AppError('not-found', `There is no demo business ${String(slug).slice(0, 80)}`);
    res.set('Cache-Control', 'no-store').sendFile(path.join(files, 'index.html'));
  });
  router.get('/demo-keys.json', requireThisMachine, async (req, res) => {
    if (req.get('Sec-Fetch-Site') !== 'same-origin') {
      throw new AppError('not-permitted', 'The demo keys are for the demo pages of this server only');
    }
    res.set('Cache-Control', 'no-store').json({ businesses: await demo.list() });
  });
  return router;
}

const requireThisMachine: RequestHandler = (req, _res, next) => {
  const seen = (req.get('Host') ?? '').toLowerCase().replace(/:\d+$/, '');
  const isOwnName = ['localhost', '127.0.0.1', '[::1]'].includes(seen);
  if (!isOwnName || !/^(?:::ffff:)?127\.|^::1$/.test(req.socket.remoteAddress ?? '')) {
    throw new AppError(
      'untrusted-host',
      `The demo is for this machine alone, not for ${seen.slice(0, 100) || 'no host'}`,
    );
  }
  next();
};
