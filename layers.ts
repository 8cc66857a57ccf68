/**
 * Who may call whom: the arrows of docs/architecture.md. Each feature may also call `platform`, which calls no feature. The
 * linter refuses an import against them (`oxlint.config.ts`), and a test breaks each rule once.
 */
export const mayCall = {
  accounts: [],
  auth: ['accounts'],
  assistants: ['accounts'],
  context: ['assistants', 'accounts'],
  communication: ['accounts'],
  chat: ['assistants', 'context', 'communication', 'accounts'],
  events: ['context', 'accounts'],
  reports: ['chat', 'communication', 'accounts'],
  demo: ['auth', 'context', 'accounts'],
} as const satisfies Record<string, readonly string[]>;

export type Feature = keyof typeof mayCall;

export const features = Object.keys(mayCall) as Feature[];
