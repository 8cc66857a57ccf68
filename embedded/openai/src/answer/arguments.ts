import { z } from 'zod';

const propertySchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
});

type PropertySchema = z.output<typeof propertySchema>;

/**
 * Arguments that fit a function's JSON schema: what is known where name and type fit, null where it may be, otherwise the
 * emptiest value allowed. Optional properties of which nothing is known are left out. Pure.
 * @param text fills required strings that nothing else does
 */
export function buildArguments(schema: unknown, known: Record<string, unknown>, text: string): Record<string, unknown> {
  const { properties = {}, required = [] } = read(schema);
  const filled: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const branches = branchesOf(property);
    const value = known[name];
    const isKnown = value !== undefined && value !== null && branches.some((branch) => isFit(branch, value));
    if (isKnown) filled[name] = value;
    else if (required.includes(name)) filled[name] = emptiest(branches, known, text);
  }
  return filled;
}

function read(schema: unknown): PropertySchema {
  const result = propertySchema.safeParse(schema);
  return result.success ? result.data : {};
}

function branchesOf(schema: unknown): PropertySchema[] {
  const property = read(schema);
  const alternatives = property.anyOf ?? property.oneOf;
  return alternatives ? alternatives.flatMap(branchesOf) : [property];
}

function typesOf({ type, properties }: PropertySchema): string[] {
  if (type !== undefined) return [type].flat();
  return properties ? ['object'] : [];
}

function isFit(schema: PropertySchema, value: unknown): boolean {
  if (schema.const !== undefined) return schema.const === value;
  if (schema.enum && !schema.enum.includes(value)) return false;
  const types = typesOf(schema);
  if (types.length === 0) return true;
  if (typeof value === 'number')
    return types.includes('number') || (types.includes('integer') && Number.isInteger(value));
  return types.includes(value === null ? 'null' : typeof value);
}

function emptiest(branches: PropertySchema[], known: Record<string, unknown>, text: string): unknown {
  if (branches.some((branch) => isFit(branch, null))) return null;
  const [branch = {}] = branches;
  if (branch.const !== undefined) return branch.const;
  if (branch.enum) return branch.enum[0];
  switch (typesOf(branch)[0]) {
    case 'number':
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return buildArguments(branch, known, text);
    default:
      return text;
  }
}
