import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BSON, type Document } from 'mongodb';
import { z } from 'zod';

/**
 * The part of MongoDB's unified test format that its CRUD files use:
 * https://github.com/mongodb/specifications/blob/master/source/unified-test-format/unified-test-format.md
 */
const Body = z.custom<Document>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

const Requirement = z.object({
  minServerVersion: z.string().optional(),
  maxServerVersion: z.string().optional(),
  topologies: z.array(z.string()).optional(),
});

const CollectionData = z.object({ databaseName: z.string(), collectionName: z.string(), documents: z.array(Body) });

const ExpectedError = z.object({
  isError: z.boolean().optional(),
  isClientError: z.boolean().optional(),
  errorContains: z.string().optional(),
  errorCode: z.number().optional(),
  errorResponse: Body.optional(),
  expectResult: z.unknown().optional(),
  writeErrors: z.record(z.string(), Body).optional(),
});

const Operation = z.object({
  name: z.string(),
  object: z.string(),
  arguments: Body.default({}),
  expectError: ExpectedError.optional(),
  expectResult: z.unknown().optional(),
});

const Entity = z.object({
  client: z.object({ id: z.string(), uriOptions: Body.optional() }).optional(),
  database: z.object({ id: z.string(), client: z.string(), databaseName: z.string() }).optional(),
  collection: z
    .object({ id: z.string(), database: z.string(), collectionName: z.string(), collectionOptions: Body.optional() })
    .optional(),
});

const TestFile = z.object({
  description: z.string(),
  createEntities: z.array(Entity),
  runOnRequirements: z.array(Requirement).optional(),
  initialData: z.array(CollectionData).default([]),
  tests: z.array(
    z.object({
      description: z.string(),
      runOnRequirements: z.array(Requirement).optional(),
      operations: z.array(Operation),
      outcome: z.array(CollectionData).default([]),
    }),
  ),
});

export type TestFile = z.output<typeof TestFile>;
export type TestCase = TestFile['tests'][number];
export type Operation = z.output<typeof Operation>;
export type ExpectedError = z.output<typeof ExpectedError>;
export type CollectionData = z.output<typeof CollectionData>;

/** Reads every test file of a folder. @throws ZodError for one that is not of the format, Error for a missing folder. */
export function readTestFiles(folder: string): TestFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => TestFile.parse(BSON.EJSON.parse(readFileSync(path.join(folder, name), 'utf8'))));
}

/** Why a test isn't for a server of this version, standing alone; undefined if it is. */
export function missedRequirement(
  requirements: readonly z.output<typeof Requirement>[] | undefined,
  version: string,
): string | undefined {
  const reasons = (requirements ?? []).map(({ minServerVersion: min, maxServerVersion: max, topologies }) => {
    if (max !== undefined && compareVersions(version, max) > 0) return `is for MongoDB up to ${max}`;
    if (min !== undefined && compareVersions(version, min) < 0) return `is for MongoDB from ${min}`;
    return topologies?.includes('single') === false ? `is for ${topologies.join(', ')}` : undefined;
  });
  return reasons.includes(undefined) ? undefined : reasons[0];
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split('.').map(Number), right.split('.').map(Number)];
  for (let at = 0; at < 3; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
