import type { FunctionTool, ResponseRequest } from '../response-request.ts';
import { allowedTools, type AllowedTools } from '../tool-choice.ts';
import { buildArguments } from './arguments.ts';
import type { Conversation, FunctionResult } from './conversation.ts';
import { detectLanguage, type Language } from './language.ts';
import { type LookUp, withSynonyms } from './synonyms.ts';
import { nameThingsInEnglish } from './things-es.ts';
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
  /** Which of the plan's queries look for it, and what each of them counts. */
  lookUps?: { at: number; weight: number }[];
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

/** Words of files that tell how to reach a business, and when it is open. */
const CONTACT_QUERY = 'how to reach find address phone e-mail website directions get there';
const HOURS_QUERY = 'opening hours every week monday tuesday wednesday thursday friday saturday sunday holidays';

/** Decides which functions to call or what to search for. Pure. */
export function planTurn(request: ResponseRequest, conversation: Conversation, asks: Ask[]): Plan {
  const allowed = allowedTools(request);
  const forced = forcedCall(request, conversation, allowed, asks);
  if (forced) return { calls: [forced], queries: [], steps: [] };

  const unused = [...conversation.results];
  const language = detectLanguage(conversation.question);
  const plan: Plan = { calls: [], queries: [], steps: [] };
  for (const ask of asks) addStep(plan, { ask, allowed, unused, language });
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
  allowed: AllowedTools;
  unused: FunctionResult[];
  language: Language;
}

/** Functions first; the search comes in the same response as the words, when all of them have answered. */
function addStep(plan: Plan, { ask, allowed, unused, language }: StepInput): void {
  const name = FUNCTION_OF[ask.kind];
  const tool = allowed.functions.find((candidate) => candidate.name === name);
  const wanted = tool ? callsFor(tool, ask, language) : [];
  const { result, call } = nextLookUp(wanted, unused, name);
  const found = wanted.find((each) => each.arguments === result?.arguments);
  const step: Step = { ask: found?.ask ?? ask, ...(result && { result }) };
  if (call) plan.calls.push({ name: call.name, arguments: call.arguments });
  else if (allowed.fileSearch) {
    const lookUps = lookUpsFor(ask, language);
    if (lookUps.length > 0)
      step.lookUps = lookUps.map(({ query, weight }) => ({ at: plan.queries.push(query) - 1, weight }));
  }
  plan.steps.push(step);
}

/** The calls are tried in their order until one finds something; what they gave is told apart by their arguments. */
function nextLookUp(calls: FunctionCall[], unused: FunctionResult[], name: string | undefined) {
  const take = (isWanted: (result: FunctionResult) => boolean) => {
    const at = unused.findIndex(isWanted);
    return at === -1 ? undefined : unused.splice(at, 1)[0];
  };
  let last: FunctionResult | undefined;
  for (const call of calls) {
    const result = take((given) => given.name === call.name && given.arguments === call.arguments);
    last = result ?? last;
    if (result && !foundNothing(result)) return { result };
    if (!result) {
      const foreign = last ?? take((given) => given.name === name);
      return foreign && !last ? { result: foreign } : { call };
    }
  }
  return { result: last ?? take((given) => name !== undefined && given.name === name) };
}

/** A call, and the ask as it puts it. */
interface AskedCall extends FunctionCall {
  ask: Ask;
}

/** In the order in which they are tried. A superlative or a range of prices is over a group, otherwise over what the words find. */
function callsFor(tool: FunctionTool, ask: Ask, language: Language): AskedCall[] {
  if (ask.kind !== 'products') return [{ ...toCall(tool, ask), ask }];
  const isOverGroup = ask.query !== null && (ask.sort !== null || ask.minPrice !== null || ask.maxPrice !== null);
  const english = ask.query === null ? null : nameThingsInEnglish(ask.query);
  // In English first: a Spanish word may be another thing in English files ("café", "pan").
  const asks = language === 'es' && english !== ask.query ? [{ ...ask, query: english }, ask] : [ask];
  return asks.flatMap((each) => {
    const group = { ...each, query: null, category: each.query };
    return (isOverGroup ? [group, each] : [each]).map((given) => ({ ...toCall(tool, given), ask: each }));
  });
}

function lookUpsFor(ask: Ask, language: Language): LookUp[] {
  switch (ask.kind) {
    case 'hours':
      return ask.scope === 'now' ? [] : [HOURS_QUERY, ask.text].map((query) => ({ query, weight: 1 }));
    case 'contact':
      return [CONTACT_QUERY, ask.text].map((query) => ({ query, weight: 1 }));
    case 'products':
    case 'other':
      return withSynonyms(ask.text, language);
    default:
      return [];
  }
}

/** A product search without products leaves the question open: "do you have parking?" is answered by a passage. */
function foundNothing({ output }: FunctionResult): boolean {
  return /"products"\s*:\s*\[\s*\]/.test(output);
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
  allowed: AllowedTools,
  asks: Ask[],
) {
  if (typeof choice === 'string' || choice.type !== 'function') return undefined;
  if (results.some(({ name }) => name === choice.name)) return undefined;
  const tool = allowed.functions.find(({ name }) => name === choice.name);
  const ask = asks.find(({ kind }) => FUNCTION_OF[kind] === choice.name);
  return tool && toCall(tool, ask ?? { kind: 'other', text: question });
}

function withAnyTool(plan: Plan, { question }: Conversation, { functions, fileSearch }: AllowedTools): Plan {
  const ask: Ask = { kind: 'other', text: question };
  if (plan.queries.length > 0) return plan;
  if (fileSearch) return { ...plan, queries: [question] };
  const [tool] = functions;
  return tool ? { ...plan, calls: [toCall(tool, ask)] } : plan;
}

function toCall(tool: FunctionTool, ask: Ask): FunctionCall {
  const { kind: _kind, text, ...known } = ask;
  return { name: tool.name, arguments: JSON.stringify(buildArguments(tool.parameters, known, text)) };
}
