import { createServer, type Server, type Socket } from 'node:net';
import { serveConnection } from './connection.ts';
import type { Engine } from './engine.ts';

export interface Listener {
  connectionCount(): number;
  /** Resolves when no connection is left. */
  close(): Promise<void>;
  /** Of TCP. */
  port: number | undefined;
}

export interface ListenRequest {
  engine: Engine;
  /** A socket's path, or a TCP port on 127.0.0.1 (0: any free one). */
  at: { socketPath: string } | { port: number };
  log: (line: string) => void;
  /** Called after a connection has come or gone. */
  onConnectionsChange?: (count: number) => void;
}

export async function listen({ engine, at, log, onConnectionsChange }: ListenRequest): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    onConnectionsChange?.(sockets.size);
    socket.once('close', () => {
      sockets.delete(socket);
      onConnectionsChange?.(sockets.size);
    });
    serveConnection(socket, engine, log);
  });
  await opened(server, 'socketPath' in at ? { path: at.socketPath } : { port: at.port, host: '127.0.0.1' });
  const address = server.address();
  return {
    connectionCount: () => sockets.size,
    port: typeof address === 'object' ? address?.port : undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function opened(server: Server, options: { path: string } | { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
