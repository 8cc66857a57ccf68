import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ForeignPage extends AsyncDisposable {
  /** `host` is a name of this machine, by which the key knows the page or doesn't. */
  url(host?: string): string;
}

/** A page of somebody else's server with the widget's one line, under a policy that allows the service's scripts and calls alone. */
export async function startForeignPage(service: string, key: string, attributes = ''): Promise<ForeignPage> {
  const policy = [
    `script-src ${service}`,
    `connect-src ${service}`,
    "style-src 'none'",
    "require-trusted-types-for 'script'",
  ];
  const server = createServer((_request, response) => {
    response.setHeader('Content-Security-Policy', policy.join('; '));
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A shop</title>
<link rel="icon" href="data:,"><body><main><h1>A shop</h1><p><a href="/other">Another page</a></p></main>
<script src="${service}/widget.js" data-key="${key}" ${attributes} async></script></body></html>`);
  });
  server.listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (host = 'localhost') => `http://${host}:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
