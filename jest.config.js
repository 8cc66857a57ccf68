/** jest strips TypeScript's types by itself (Node runs the same files), so there is no transform to keep in step. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/jobs', '<rootDir>/scripts', '<rootDir>/embedded'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  coverageProvider: 'v8',
  testTimeout: 20_000,
  // jest would leave a core to itself; its parent has next to nothing to do.
  maxWorkers: '100%',
};
