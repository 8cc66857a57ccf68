/** Whether something thrown carries this `code`, as errors of Node (`ENOENT`), commander and MongoDB (11000) do. */
export function hasErrorCode(error: unknown, code: string | number): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
