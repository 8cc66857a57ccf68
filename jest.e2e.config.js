import base from './jest.config.js';

/** Tests in a real browser: they need a Chromium, which `npm ci` does not bring. */
export default { ...base, roots: ['<rootDir>/e2e'], testTimeout: 60_000, maxWorkers: 1 };
