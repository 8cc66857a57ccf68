import type { FileSearchTool, FunctionTool, ResponseRequest } from './response-request.ts';

/** What a request lets its answer use. */
export interface AllowedTools {
  functions: FunctionTool[];
  fileSearch: FileSearchTool | undefined;
}

/** The tools that `tool_choice` leaves. Pure. */
export function allowedTools({ tools, tool_choice: choice }: ResponseRequest): AllowedTools {
  if (choice === 'none') return { functions: [], fileSearch: undefined };
  const named = typeof choice === 'string' ? undefined : choice.type === 'allowed_tools' ? choice.tools : [choice];
  const isNamed = (type: string, name?: string) =>
    named?.some((tool) => tool.type === type && (tool.type !== 'function' || tool.name === name)) ?? true;
  return {
    functions: tools.filter((tool) => tool.type === 'function').filter((tool) => isNamed('function', tool.name)),
    fileSearch: isNamed('file_search') ? tools.find((tool) => tool.type === 'file_search') : undefined,
  };
}
