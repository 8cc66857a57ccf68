import type { Document } from '../document.ts';
import { toServerError } from '../errors.ts';

/**
 * Runs the statements of a bulk one by one, recording what fails as MongoDB's writeErrors. An ordered bulk ends at its first error.
 */
export function runStatements<Statement>(
  statements: readonly Statement[],
  isOrdered: boolean,
  run: (statement: Statement, index: number) => void,
): { writeErrors?: Document[] } {
  const writeErrors: Document[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index);
    } catch (error) {
      const { code, message, extra } = toServerError(error);
      // Only SQLite's own failures (a full disk) are no statement's fault: those fail the command and undo it.
      if (code === 1) throw error;
      writeErrors.push({ index, code, errmsg: message, ...extra });
      if (isOrdered) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}
