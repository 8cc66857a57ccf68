import { Lazy } from 'mingo/lazy';
import { $bucket, $lookup, $redact, $unwind } from 'mingo/operators/pipeline';
import type { Options } from 'mingo/types';
import { type Document, isDocument } from './document.ts';
import { MongoServerError } from './errors.ts';
import { encodeKey } from './key-encoding.ts';
import { valuesAt } from './paths.ts';
import { getAt } from './update-paths.ts';

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

/** The pipeline stage $count: of nothing it gives nothing. */
export function countStage(documents: Documents, field: string): Documents {
  if (typeof field !== 'string' || field === '' || field.includes('.') || field.startsWith('$')) {
    throw new MongoServerError('BadValue', 'the count field must be a nonempty name without $ and dots');
  }
  return documents.transform((items) => Lazy(items.length > 0 ? [{ [field]: items.length }] : []));
}

/** The pipeline stage $bucket: without the empty ones. */
export function bucketStage(documents: Documents, spec: Document, options: Options): Documents {
  const output = (spec['output'] as Document | undefined) ?? { count: { $sum: 1 } };
  const counting = { ...spec, output: { ...output, [ofBucket]: { $sum: 1 } } };
  return $bucket(documents, counting as never, options)
    .filter((item) => (item as Document)[ofBucket] !== 0)
    .map((item) => {
      const { _id, [ofBucket]: _count, ...rest } = item as Document;
      return { _id, ...rest };
    });
}

const ofBucket = '\0documents';

/** The pipeline stage $unwind: an empty text or document is a value, which mingo's drops. */
export function unwindStage(documents: Documents, spec: unknown, options: Options): Documents {
  const { path, ...rest } = (isDocument(spec) ? spec : { path: spec }) as Document & { path: string };
  const parts = path.slice(1).split('.');
  return Lazy(unwound());

  // One by one: of few documents it may make many.
  function* unwound() {
    for (let next = documents.next(); !next.done; next = documents.next()) {
      const item = next.value as Document;
      const value = getAt(item, parts);
      const index = typeof rest['includeArrayIndex'] === 'string' ? rest['includeArrayIndex'] : undefined;
      const withIndex = (made: Document, position: number | null) => (index ? { ...made, [index]: position } : made);
      if (value === '' || (isDocument(value) && Object.keys(value).length === 0)) {
        yield withIndex(item, null);
      } else if (parts.length === 1 && Array.isArray(value) && value.length > 0) {
        for (const [position, element] of value.entries())
          yield withIndex({ ...item, [parts[0] ?? '']: element as unknown }, position);
      } else {
        yield* $unwind(Lazy([{ ...item }]), { path, ...rest }, options) as unknown as Iterable<Document>;
      }
    }
  }
}
