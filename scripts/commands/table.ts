import Table from 'cli-table3';

/** A table for people; coloured on a terminal only. */
export function drawTable(head: readonly string[], rows: readonly (string | number)[][]): string {
  const isPlain = !process.stdout.isTTY || process.env['NO_COLOR'] !== undefined;
  const table = new Table({ head: [...head], ...(isPlain ? { style: { head: [], border: [] } } : {}) });
  table.push(...rows);
  return table.toString();
}
