import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import express from 'express';
import supertest from 'supertest';
import { projectRoot } from './platform/platform.ts';
import { widgetFileRoutes } from './widget-files.ts';

const BUDGET_BYTES = 15_000;

const http = supertest(express().use(widgetFileRoutes()));
const modules = (await readdir(path.join(projectRoot, 'clients/widget'))).filter((name) => name.endsWith('.js'));
const addresses = modules.map((name) => (name === 'widget.js' ? '/widget.js' : `/widget/${name}`));

const getRaw = (address: string, encoding: string) =>
  http
    .get(address)
    .set('Accept-Encoding', encoding)
    .buffer(true)
    .parse((res, done) => {
      res.setEncoding('utf8');
      let text = '';
      res.on('data', (chunk: string) => (text += chunk));
      res.on('end', () => done(null, text));
    });

test(`the whole widget is at most ${BUDGET_BYTES} bytes gzipped`, async () => {
  const sizes = await Promise.all(
    addresses.map(async (address) => {
      const { body } = await getRaw(address, 'identity');
      return [address, gzipSync(body as string, { level: 9 }).length] as const;
    }),
  );

  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  process.stdout.write(
    `widget, bytes gzipped: ${total} (${sizes.map(([address, bytes]) => `${address} ${bytes}`).join(', ')})\n`,
  );
  expect(total).toBeLessThanOrEqual(BUDGET_BYTES);
});

test('pages of any origin may load its files, gzipped, and a copy that is still right is not sent again', async () => {
  for (const address of addresses) {
    const answer = await http.get(address).set('Accept-Encoding', 'gzip');
    expect(answer).toMatchObject({ status: 200, type: 'text/javascript' });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'content-encoding': 'gzip',
      vary: 'Accept-Encoding',
      'cache-control': address === '/widget.js' ? 'public, max-age=300' : 'no-cache',
    });
    const etag = answer.headers['etag'] as string;
    expect((await http.get(address).set('If-None-Match', etag)).status).toBe(304);
  }
});

test('nothing but its modules is served', async () => {
  for (const address of [
    '/widget/tsconfig.json',
    '/widget/README.md',
    '/widget/protocol.d.ts',
    '/widget/widget.js',
    '/widget/..%2f..%2fpackage.json',
  ]) {
    expect((await http.get(address)).status).toBe(404);
  }
});
