import { z } from 'zod';
import { buildArguments } from '../answer/arguments.ts';
import type { FunctionTool } from '../response-request.ts';

/**
 * A call's arguments as a strict function's schema wants them, with null where nothing was said. Few chat servers know strict
 * mode, and models leave out what is null. What is wrong otherwise stays wrong, so that the model is told.
 */
export function keepStrict(json: string, tool: FunctionTool | undefined): string {
  const given = tool?.strict ? parseObject(json) : undefined;
  if (!given) return json;
  const unsaid = Object.entries(buildArguments(tool?.parameters, {}, '')).filter(([, value]) => value === null);
  return JSON.stringify({ ...Object.fromEntries(unsaid), ...given });
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
