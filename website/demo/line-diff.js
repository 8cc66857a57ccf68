/** @typedef {{ text: string, change: 'same' | 'added' | 'removed' }} Line */

/** Beyond it the table of the comparison would be large, and a reader sees a new text anyway. */
const CELLS_MAX = 4_000_000;

/**
 * What became of a text, line by line: the lines of both, in order. As few as possible are marked as changed.
 * @param {string} before
 * @param {string} after
 * @returns {Line[]}
 */
export function diffLines(before, after) {
  const old = linesOf(before);
  const now = linesOf(after);
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  return [
    ...mark(now.slice(0, start), 'same'),
    ...diffMiddle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...mark(now.slice(now.length - end), 'same'),
  ];
}

/**
 * By the longest common subsequence.
 * @param {string[]} old
 * @param {string[]} now
 */
function diffMiddle(old, now) {
  if (old.length * now.length > CELLS_MAX) return [...mark(old, 'removed'), ...mark(now, 'added')];
  const width = now.length + 1;
  /** Its length from line `i` of the old and line `j` of the new on, at `i * width + j`. */
  const common = new Uint32Array((old.length + 1) * width);
  const commonAt = (/** @type {number} */ i, /** @type {number} */ j) => common[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        old[i] === now[j] ? commonAt(i + 1, j + 1) + 1 : Math.max(commonAt(i + 1, j), commonAt(i, j + 1));
    }
  }
  /** @type {Line[]} */
  const lines = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push(...mark([now[j] ?? ''], 'same'));
      i += 1;
      j += 1;
    } else if (j === now.length || (i < old.length && commonAt(i + 1, j) >= commonAt(i, j + 1))) {
      lines.push(...mark([old[i] ?? ''], 'removed'));
      i += 1;
    } else {
      lines.push(...mark([now[j] ?? ''], 'added'));
      j += 1;
    }
  }
  return lines;
}

/**
 * @param {string[]} lines
 * @param {Line['change']} change
 * @returns {Line[]}
 */
function mark(lines, change) {
  return lines.map((text) => ({ text, change }));
}

/** @param {string} text */
function linesOf(text) {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
