import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type RequestHandler, Router } from 'express';
import { projectRoot } from './platform/platform.ts';

interface WidgetFile {
  readonly text: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

const LOADER = 'widget.js';
/** One that stands on lines of its own: it is for those who read the source, no visitor loads it. */
const COMMENT = /^[ \t]*(?:\/\*\*[^]*?\*\/|\/\/.*)\n/gm;
const folder = path.join(projectRoot, 'clients', 'widget');

/**
 * The scripts that pages of any host include, as they lie in `clients/widget`, without comments: the loader at `/widget.js`, the modules that it
 * loads under `/widget/`. They are read once, so that all of them are of one version.
 */
export function widgetFileRoutes(): Router {
  const router = Router();
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    const file = readFile(path.join(folder, name));
    if (name === LOADER) router.get(`/${name}`, send(file, 'public, max-age=300'));
    // Asked for anew each time (a 304 as a rule): a new module beside an old one might not fit.
    else router.get(`/widget/${name}`, send(file, 'no-cache'));
  }
  return router;
}

function send(file: WidgetFile, cacheControl: string): RequestHandler {
  return (req, res) => {
    res.set({
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Cache-Control': cacheControl,
      ETag: file.etag,
      Vary: 'Accept-Encoding',
    });
    const isGzipped = req.acceptsEncodings('gzip') === 'gzip';
    if (isGzipped) res.set('Content-Encoding', 'gzip');
    res.type('text/javascript').send(isGzipped ? file.gzipped : file.text);
  };
}

function readFile(file: string): WidgetFile {
  const text = Buffer.from(readFileSync(file, 'utf8').replaceAll(COMMENT, ''));
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 20);
  return { text, gzipped: gzipSync(text, { level: 9 }), etag: `W/"${hash}"` };
}
