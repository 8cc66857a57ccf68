import { defineConfig, type OxlintOverride } from 'oxlint';
import { features, mayCall } from './layers.ts';

/** Imports that leave a folder of `src/` are refused but for those that it may call. */
function layer(folder: string, allowed: readonly string[]): OxlintOverride[] {
  const refuse = (files: string[], others: readonly string[], refused: readonly string[]): OxlintOverride => ({
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                '../*',
                '../*/**',
                ...others.flatMap((room) => [`!../${room}`, `!../${room}/**`]),
                '../../**',
                ...refused,
              ],
              message: `src/${folder} may call ${others.join(', ')} alone (layers.ts).`,
            },
          ],
        },
      ],
    },
  });
  return [
    refuse([`src/${folder}/**`], [...allowed, 'platform'], ['@chatbusiness/*']),
    refuse(
      [`src/${folder}/**/*.test.ts`],
      [...allowed, 'platform', 'testing', 'config.ts', 'main.ts', 'services.ts'],
      [],
    ),
  ];
}

/** One rule for files outside the features. */
const restrict = (files: string[], group: string[], message: string): OxlintOverride => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
});

export default defineConfig({
  options: { typeAware: true },
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    // A mongoose query is a thenable that runs only when it is awaited.
    'typescript/no-floating-promises': ['error', { checkThenables: true }],
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    'import/no-cycle': 'error',
    'oxc/no-async-endpoint-handlers': 'off', // Express 5 forwards rejections
    'promise/no-callback-in-promise': 'off',
    'typescript/consistent-return': 'off',
    'typescript/require-array-sort-compare': 'off',
    'typescript/unbound-method': 'off',
    'import/no-named-as-default-member': 'off', // fc.string()
    'no-shadow': 'off',
    'no-underscore-dangle': 'off',
    'no-await-in-loop': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/no-array-reverse': 'off',
  },
  overrides: [
    ...features.flatMap((feature) => layer(feature, mayCall[feature])),
    ...layer('platform', ['config.ts']),
    restrict(
      ['jobs/**', 'scripts/**'],
      ['**/*.routes.ts'],
      'jobs and scripts call services, never routes (layers.ts).',
    ),
    restrict(
      ['embedded/**'],
      ['../../../**', '../../../../**', '**/src/main.ts'],
      'embedded parts know nothing of the service (layers.ts).',
    ),
    restrict(
      ['src/app.ts', 'src/serve.ts', 'src/config.ts'],
      ['@chatbusiness/*'],
      'src reaches embedded parts only from main.ts (layers.ts).',
    ),
  ],
});
