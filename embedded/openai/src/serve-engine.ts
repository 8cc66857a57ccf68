import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Engine } from './engine.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

interface ServeOptions {
  /** 0: any free port. */
  port: number;
  host?: string;
}

export interface EngineServer {
  /** The base URL for the SDK, `http://127.0.0.1:8787/v1`. */
  url: string;
  close(): Promise<void>;
}

/**
 * Serves an engine over HTTP. On a loopback address, requests for any other host name are refused, so that a web page can't
 * reach it by pointing its own name here.
 */
export async function serveEngine(engine: Engine, { port, host = '127.0.0.1' }: ServeOptions): Promise<EngineServer> {
  const server = createServer((req, res) => {
    respond(engine, req, res, LOOPBACK.has(host)).catch((error: unknown) => {
      if (!res.closed) console.error(error);
      res.destroy();
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { port: boundPort } = server.address() as AddressInfo;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${boundPort}`;
  return {
    url: `http://${authority}/v1`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(engine: Engine, req: IncomingMessage, res: ServerResponse, isLoopback: boolean): Promise<void> {
  // Host and path are read apart: in `//name/path` the path would bring a host of its own past the check.
  const host = URL.parse(`http://${req.headers.host ?? ''}`)?.hostname.replace(/^\[|\]$/g, '');
  const target = /^\/(?!\/)/.test(req.url ?? '') ? URL.parse(`http://engine.local${req.url}`) : null;
  if (!target || (isLoopback && (host === undefined || !LOOPBACK.has(host)))) {
    res.writeHead(421, { 'content-type': 'application/json' });
    const error = {
      message: 'This host is not served here.',
      type: 'invalid_request_error',
      param: null,
      code: 'wrong_host',
    };
    res.end(JSON.stringify({ error }));
    return;
  }
  const left = new AbortController();
  res.once('close', () => left.abort());
  const response = await engine.fetch(toRequest(req, target, left.signal));
  res.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    // What of a refused body is still under way is not worth reading.
    ...(!req.complete && { connection: 'close' }),
  });
  for await (const chunk of response.body ?? []) {
    if (!res.write(chunk)) await once(res, 'drain', { signal: left.signal });
  }
  res.end();
}

function toRequest(req: IncomingMessage, url: URL, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined) headers.set(name, [value].flat().join(', '));
  }
  const hasBody = req.method !== 'GET' && req.method !== 'HEAD';
  const body = hasBody ? (Readable.toWeb(req) as ReadableStream<Uint8Array>) : null;
  return new Request(url, { method: req.method ?? 'GET', headers, body, duplex: 'half', signal });
}
