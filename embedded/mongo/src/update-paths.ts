import { type Document, isDocument } from './document.ts';
import { MongoServerError } from './errors.ts';
import { fieldOf, isArrayIndex } from './paths.ts';

/** MongoDB refuses to pad an array further. */
const paddingMax = 1_500_000;

export function getAt(document: Document, parts: readonly string[]): unknown {
  return parts.reduce<unknown>((holder, part) => memberOf(holder, part), document);
}

function memberOf(holder: unknown, part: string): unknown {
  if (Array.isArray(holder)) return isArrayIndex(part) ? (holder[Number(part)] as unknown) : undefined;
  return isDocument(holder) ? fieldOf(holder, part) : undefined;
}

/**
 * Sets or, with undefined, removes the value at a path, making documents on the way; an element of an array becomes null instead
 * of being removed.
 * @throws PathNotViable where the path runs through a value that holds no fields.
 */
export function setAt(document: Document, parts: readonly string[], value: unknown) {
  const last = parts.at(-1) ?? '';
  let holder: unknown = document;
  for (const [position, part] of parts.slice(0, -1).entries()) {
    let next = memberOf(holder, part);
    if (next === undefined) {
      if (value === undefined) return;
      next = {};
      setMember(holder, part, next, parts[position - 1]);
    }
    holder = next;
  }
  if (value === undefined) removeMember(holder, last);
  else setMember(holder, last, value, parts.at(-2));
}

function setMember(holder: unknown, part: string, value: unknown, holderName = '') {
  if (isDocument(holder)) holder[part] = value;
  else if (Array.isArray(holder) && isArrayIndex(part) && Number(part) < holder.length + paddingMax) {
    while (holder.length < Number(part)) holder.push(null);
    holder[Number(part)] = value;
  } else throw new MongoServerError('PathNotViable', `Cannot create field '${part}' in element '${holderName}'`);
}

function removeMember(holder: unknown, part: string) {
  if (isDocument(holder)) delete holder[part];
  else if (Array.isArray(holder) && isArrayIndex(part) && Number(part) < holder.length) holder[Number(part)] = null;
}

/** @throws BadValue if either path runs through an array. */
export function renameField(document: Document, from: string, to: string) {
  for (const path of [from, to]) refuseArrays(document, path.split('.'), path);
  const value = getAt(document, from.split('.'));
  if (value === undefined) return;
  setAt(document, from.split('.'), undefined);
  setAt(document, to.split('.'), value);
}

function refuseArrays(document: Document, parts: string[], path: string) {
  for (let length = 1; length < parts.length; length++) {
    if (!Array.isArray(getAt(document, parts.slice(0, length)))) continue;
    throw new MongoServerError(
      'BadValue',
      `The source or destination field of $rename cannot be an array element: '${path}'`,
    );
  }
}
