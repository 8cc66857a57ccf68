import type { FunctionTool, ResponseRequest } from '../response-request.ts';
import { buildArguments } from './arguments.ts';
import type { Conversation, FunctionResult } from './conversation.ts';
import type { Ask } from './understand.ts';

export interface FunctionCall {
  name: string;
  /** JSON. */
  arguments: string;
}

/** How one ask is answered: from what a function gave, by a search, or from what is known anyway. */
export interface Step {
  ask: Ask;
  result?: FunctionResult;
  /** Which of the plan's queries looks for it. */
  queryAt?: number;
}

export interface Plan {
  /** If there are any, the turn ends with them. */
  calls: FunctionCall[];
  queries: string[];
  steps: Step[];
}

const FUNCTION_OF: Partial<Record<Ask['kind'], string>> = {
  hours: 'opening_hours',
  products: 'find_products',
  person: 'request_human',
};

/** What the request lets the answerer do. */
interface Allowed {
  functions: FunctionTool[];
  maySearch: boolean;
}

/** Decides which functions to call or what to search for. Pure. */
export function planTurn(request: ResponseRequest, conversation: Conversation, asks: Ask[]): Plan {
  const allowed = allowedTools(request);
  const forced = forcedCall(request, conversation, allowed, asks);
  if (forced) return { calls: [forced], queries: [], steps: [] };

  const unused = [...conversation.results];
  const plan: Plan = { calls: [], queries: [], steps: [] };
  for (const ask of asks) addStep(plan, { ask, allowed, unused });
  // What functions gave that nothing in the question explains is told as well: somebody called them for a reason.
  for (const result of unused) plan.steps.push({ ask: { kind: 'other', text: '' }, result });

  if (plan.calls.length > 0) {
    const calls = request.parallel_tool_calls === false ? plan.calls.slice(0, 1) : plan.calls;
    return { ...plan, calls, queries: [] };
  }
  return mustUseTool(request, conversation) ? withAnyTool(plan, conversation, allowed) : plan;
}

interface StepInput {
  ask: Ask;
  allowed: Allowed;
  unused: FunctionResult[];
}

function addStep(plan: Plan, { ask, allowed, unused }: StepInput): void {
  const name = FUNCTION_OF[ask.kind];
  const at = unused.findIndex((result) => result.name === name);
  const [result] = at === -1 ? [] : unused.splice(at, 1);
  const step: Step = { ask, ...(result && { result }) };
  const tool = allowed.functions.find((candidate) => candidate.name === name);
  const isLookedUp = ask.kind === 'other' || name !== undefined;
  if (!result && tool) {
    plan.calls.push(toCall(tool, ask));
  } else if (isLookedUp && allowed.maySearch && (!result || foundNothing(result))) {
    step.queryAt = plan.queries.push(ask.text) - 1;
  }
  plan.steps.push(step);
}

/** A product search without products leaves the question open: "do you have parking?" is answered by a passage. */
function foundNothing({ output }: FunctionResult): boolean {
  return /"products"\s*:\s*\[\s*\]/.test(output);
}

function allowedTools({ tools, tool_choice: choice }: ResponseRequest): Allowed {
  if (choice === 'none') return { functions: [], maySearch: false };
  const named = typeof choice === 'string' ? undefined : choice.type === 'allowed_tools' ? choice.tools : [choice];
  const isNamed = (type: string, name?: string) =>
    named?.some((tool) => tool.type === type && (tool.type !== 'function' || tool.name === name)) ?? true;
  return {
    functions: tools.filter((tool) => tool.type === 'function').filter((tool) => isNamed('function', tool.name)),
    maySearch: tools.some((tool) => tool.type === 'file_search') && isNamed('file_search'),
  };
}

function mustUseTool({ tool_choice: choice }: ResponseRequest, { results }: Conversation): boolean {
  if (results.length > 0) return false;
  if (typeof choice === 'string') return choice === 'required';
  return choice.type === 'allowed_tools' ? choice.mode === 'required' : true;
}

/** A function named by `tool_choice` is called, fit or not. */
function forcedCall(
  { tool_choice: choice }: ResponseRequest,
  { results, question }: Conversation,
  allowed: Allowed,
  asks: Ask[],
) {
  if (typeof choice === 'string' || choice.type !== 'function') return undefined;
  if (results.some(({ name }) => name === choice.name)) return undefined;
  const tool = allowed.functions.find(({ name }) => name === choice.name);
  const ask = asks.find(({ kind }) => FUNCTION_OF[kind] === choice.name);
  return tool && toCall(tool, ask ?? { kind: 'other', text: question });
}

function withAnyTool(plan: Plan, { question }: Conversation, { functions, maySearch }: Allowed): Plan {
  const ask: Ask = { kind: 'other', text: question };
  if (plan.queries.length > 0) return plan;
  if (maySearch) return { ...plan, queries: [question] };
  const [tool] = functions;
  return tool ? { ...plan, calls: [toCall(tool, ask)] } : plan;
}

function toCall(tool: FunctionTool, ask: Ask): FunctionCall {
  const { kind: _kind, text, ...known } = ask;
  return { name: tool.name, arguments: JSON.stringify(buildArguments(tool.parameters, known, text)) };
}
