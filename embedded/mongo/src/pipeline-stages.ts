import { Lazy } from 'mingo/lazy';
import { $lookup, $redact } from 'mingo/operators/pipeline';
import type { Options } from 'mingo/types';
import type { Document } from './document.ts';
import { encodeKey } from './key-encoding.ts';
import { valuesAt } from './paths.ts';

type Documents = ReturnType<typeof Lazy>;

interface LookupSpec extends Document {
  from?: string | Document[];
  localField?: string;
  foreignField?: string;
  pipeline?: Document[];
  as: string;
}

/**
 * The pipeline stage $lookup, in place of mingo's, which joins by fields or runs a pipeline, but forgets the fields over the
 * pipeline. Equality is the filter's: null is also what is missing, an array any of its elements.
 */
export function lookupStage(documents: Documents, spec: LookupSpec, options: Options): Documents {
  const { from, localField, foreignField, ...rest } = spec;
  if (typeof from !== 'string' || localField === undefined || foreignField === undefined) {
    return $lookup(documents, spec as never, options);
  }
  const find = joinBy(foreignField, options.collectionResolver?.(from) ?? []);
  return documents.map((item) => {
    const document = item as Document;
    const found = find(valuesAt(document, localField).filter((value) => !Array.isArray(value)));
    if (!spec.pipeline?.length) return { ...document, [spec.as]: found };
    return $lookup(Lazy([document]), { ...rest, from: found } as never, options).collect()[0];
  });
}

/** Finds the documents that hold one of some values in a field, in their own order. */
function joinBy(path: string, documents: Document[]): (values: unknown[]) => Document[] {
  const positions = new Map<string, Set<number>>();
  for (const [position, document] of documents.entries()) {
    for (const key of valuesAt(document, path).map(textOf)) {
      const known = positions.get(key);
      if (known) known.add(position);
      else positions.set(key, new Set([position]));
    }
  }
  return (values) => {
    const found = new Set(values.flatMap((value) => [...(positions.get(textOf(value)) ?? [])]));
    return [...found].sort((left, right) => left - right).map((position) => documents[position] as Document);
  };
}

function textOf(value: unknown): string {
  return Buffer.from(encodeKey(value ?? null)).toString('latin1');
}

/** The pipeline stage $sample: each document at most once, which mingo's doesn't see to. */
export function sampleStage(documents: Documents, { size }: { size: number }): Documents {
  return documents.transform((items) => {
    const drawn = items.map((item) => ({ item, lot: Math.random() })).sort((left, right) => left.lot - right.lot);
    return Lazy(drawn.slice(0, size).map(({ item }) => item));
  });
}

/** The pipeline stage $redact: what is pruned whole is no document any more. */
export function redactStage(documents: Documents, expression: unknown, options: Options): Documents {
  return $redact(documents, expression as never, options).filter((item) => item !== undefined);
}
