import path from 'node:path';
import { expect, test } from '@jest/globals';
import { readConfig } from './config.ts';

test('nothing configured listens on this machine alone and needs no other server', () => {
  const config = readConfig({});

  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    database: { kind: 'embedded' },
    openai: { kind: 'embedded' },
    objects: { kind: 'folder', path: path.resolve('data/objects') },
  });
});

test('a key or a base URL alone turns to that server', () => {
  expect(readConfig({ OPENAI_API_KEY: 'sk' }).openai).toMatchObject({
    kind: 'server',
    baseUrl: 'https://api.openai.com/v1',
  });
  expect(readConfig({ OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }).openai).toMatchObject({
    kind: 'server',
    baseUrl: 'http://127.0.0.1:9/v1',
  });
});

test('a chat server of one’s own writes for the embedded engine, and its URL alone switches that', () => {
  const settings = { ENGINE_CHAT_MODEL: 'qwen3:8b', ENGINE_CHAT_KEY: '' };

  expect(readConfig({ ...settings, ENGINE_CHAT_URL: 'http://localhost:11434/v1' }).openai).toMatchObject({
    kind: 'embedded',
    model: 'qwen3:8b',
    writer: { url: 'http://localhost:11434/v1', model: 'qwen3:8b', apiKey: undefined },
  });
  expect(readConfig(settings).openai).toMatchObject({ model: 'embedded-extractive', writer: undefined });
});

test('no proxy is believed unless it is listed', () => {
  expect(readConfig({}).trustedProxies).toEqual([]);
  expect(readConfig({ TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,2001:db8::/32,192.0.2.1' }).trustedProxies).toEqual([
    'loopback',
    '10.0.0.0/8',
    '2001:db8::/32',
    '192.0.2.1',
  ]);
});

test('an empty setting counts as absent, as compose files write it', () => {
  expect(readConfig({ RATE_LIMIT_ADDRESS: '', TRUSTED_PROXIES: '' })).toMatchObject({
    trustedProxies: [],
    rateLimits: { address: 120 },
  });
  expect(readConfig({ OPENAI_API_KEY: '', MONGODB_URL: '' })).toMatchObject({
    openai: { kind: 'embedded' },
    database: { kind: 'embedded' },
  });
});

test.each([
  [{ PORT: 'http' }, /^PORT: /],
  [{ PORT: '70000' }, /^PORT: /],
  [{ OPENAI_BASE_URL: 'nowhere' }, /^OPENAI_BASE_URL: /],
  [{ ENGINE_CHAT_URL: 'localhost:11434/v1', ENGINE_CHAT_MODEL: 'x' }, /^ENGINE_CHAT_URL: must be .*http/],
  [{ ENGINE_CHAT_URL: 'http://localhost:1/v1' }, /^ENGINE_CHAT_MODEL: must be set/],
  [
    { ENGINE_CHAT_URL: 'http://localhost:1/v1', ENGINE_CHAT_MODEL: 'x', OPENAI_API_KEY: 'sk' },
    /^ENGINE_CHAT_URL: .*OPENAI_API_KEY$/,
  ],
  [
    { ENGINE_CHAT_URL: 'http://localhost:1/v1', ENGINE_CHAT_MODEL: 'x', OPENAI_BASE_URL: 'http://localhost:2/v1' },
    /^ENGINE_CHAT_URL: .*OPENAI_BASE_URL$/,
  ],
  [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL: /],
  [{ TRUSTED_PROXIES: 'nginx' }, /^TRUSTED_PROXIES: must be a comma-separated list of addresses/],
  [{ TRUSTED_PROXIES: '10.0.0.0/33' }, /^TRUSTED_PROXIES: /],
  [{ TRUSTED_PROXIES: '127.0.0.1, ::1/129' }, /^TRUSTED_PROXIES: /],
  [{ TRUSTED_PROXIES: 'true' }, /^TRUSTED_PROXIES: /],
  [{ RATE_LIMIT_KEY: '0' }, /^RATE_LIMIT_KEY: /],
  [{ SERVER_SECRET: 'short' }, /^SERVER_SECRET: .*32/],
  [{ NODE_ENV: 'production' }, /^SERVER_SECRET: must be set/],
  [{ PORT: 'x', LOG_LEVEL: 'y' }, /^PORT: [^\n]*; LOG_LEVEL: [^\n]*$/],
])('%j stops the start with one line that names the setting', (env, message) => {
  expect(() => readConfig(env)).toThrow(message);
});
