import { mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { pino, destination, type Logger } from 'pino';
import type { Config } from '../config.ts';

export type { Logger } from 'pino';

const ROTATE_BYTES = 20 * 1024 * 1024;

/**
 * The service's log: one JSON object a line, fields rather than sentences, `event` as noun.past. Never bodies, prompts,
 * keys or addresses.
 */
export function createLogger(config: Config['log']): Logger {
  const options = { level: config.level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  if (config.file === '-') return pino(options);
  mkdirSync(path.dirname(config.file), { recursive: true, mode: 0o700 });
  rotate(config.file);
  // Lines are written at once: a log that lacks its last lines is of no use after a crash.
  return pino(options, destination({ dest: config.file, sync: true, mode: 0o600 }));
}

function rotate(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > ROTATE_BYTES) renameSync(file, `${file}.1`);
}
