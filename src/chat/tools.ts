import { z } from 'zod';
import type { FunctionSpec } from '../assistants/response-stream.ts';
import type { CommunicationService } from '../communication/communication.service.ts';
import { ContactEmail, ContactPhone } from '../communication/contact.schema.ts';
import type { Knowledge } from '../context/knowledge.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { FunctionCall } from './answer-record.ts';
import { askForPerson } from './ask-for-person.ts';
import type { ThreadModel } from './thread.model.ts';

/** Whose turn calls. */
export interface ToolContext {
  readonly accountId: string;
  readonly threadId: string;
  readonly turnId: string;
  readonly callId: string;
}

export interface Tools {
  readonly specs: readonly FunctionSpec[];
  /** Carries a call out. It never throws: what went wrong is told to the model as `{ error }`. */
  execute(name: string, argumentsJson: string, context: ToolContext): Promise<object>;
}

const openingHours = z
  .strictObject({
    date: z.string().nullable().describe('The day as YYYY-MM-DD; null for today'),
    location: z.string().nullable().describe('Name of the place; null for the main one'),
  })
  .describe('Opening hours of one day, with holidays and exceptions. Use it for any question about when it is open.');

const findProducts = z
  .strictObject({
    query: z.string().nullable().describe('Words that describe what the visitor looks for'),
    category: z.string().nullable().describe('Name of a category'),
    minPrice: z.number().nullable().describe('In the currency of the shop, such as 4.5'),
    maxPrice: z.number().nullable().describe('In the currency of the shop, such as 4.5'),
    inStockOnly: z.boolean().nullable(),
    sort: z.enum(['relevance', 'price_asc', 'price_desc']).nullable(),
  })
  .describe('Products with current price and stock. Null leaves a condition out.');

const requestHuman = z
  .strictObject({
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    reason: z.string().describe('What the visitor wants, for the team to read'),
  })
  .describe('Passes the visitor on to the team. Ask for an e-mail address or a phone number first.');

/** Strict mode knows no lengths, so that long texts are cut when a call is carried out. */
const schemas = { opening_hours: openingHours, find_products: findProducts, request_human: requestHuman };

const specs: readonly FunctionSpec[] = Object.entries(schemas).map(([name, schema]) => {
  const { $schema: _, description = '', ...parameters } = z.toJSONSchema(schema);
  return { name, description, parameters };
});

/** The calls that the visitor sees, with their output: those that are meant for people, once they have succeeded. */
export function shownCalls(calls: readonly FunctionCall[]): ShownCall[] {
  return calls.flatMap(({ callId, name, arguments: input, output: outputJson }) => {
    if (name !== 'request_human') return [];
    const output = JSON.parse(outputJson) as object;
    return 'error' in output ? [] : [{ callId, name, input: JSON.parse(input) as unknown, output }];
  });
}

export interface ShownCall {
  readonly callId: string;
  readonly name: string;
  readonly input: unknown;
  readonly output: object;
}

/** A model writes "n/a" where it knows nothing. */
function readContact(schema: z.ZodType<string>, given: string | null): string | null {
  return schema.safeParse(given?.trim()).data ?? null;
}

export function createTools(deps: {
  clock: Clock;
  knowledge: Knowledge;
  communication: CommunicationService;
  threads: ThreadModel;
  log: Logger;
}): Tools {
  const { knowledge, log } = deps;

  async function askForHuman(wish: z.infer<typeof requestHuman>, context: ToolContext): Promise<object> {
    const { accountId, threadId, turnId, callId } = context;
    const email = readContact(ContactEmail, wish.email);
    const phone = readContact(ContactPhone, wish.phone);
    if (email === null && phone === null) {
      return {
        error: 'Nobody was told yet: ask the visitor for an e-mail address or a phone number, then call again with it.',
        said: 'I will gladly pass this on to the team. How can they reach you: by e-mail or by phone?',
      };
    }
    await askForPerson(deps, accountId, {
      threadId,
      by: 'assistant',
      onceKey: `${turnId}:${callId}`,
      name: wish.name?.slice(0, 200) ?? null,
      email,
      phone,
      reason: wish.reason.slice(0, 2000),
    });
    return { said: 'The team has the message and will get in touch.' };
  }

  async function run(name: string, given: unknown, context: ToolContext): Promise<object> {
    switch (name) {
      case 'opening_hours':
        return knowledge.openingHours(context.accountId, openingHours.parse(given));
      case 'find_products':
        return knowledge.findProducts(context.accountId, findProducts.parse(given));
      case 'request_human':
        return askForHuman(requestHuman.parse(given), context);
      default:
        return { error: `There is no function ${name}` };
    }
  }

  return {
    specs,
    async execute(name, argumentsJson, context) {
      try {
        return await run(name, JSON.parse(argumentsJson), context);
      } catch (error) {
        return { error: toldToModel(error, name, context, log) };
      }
    },
  };
}

function toldToModel(error: unknown, name: string, { accountId, turnId }: ToolContext, log: Logger): string {
  if (error instanceof AppError && error.status < 500) return error.detail;
  if (error instanceof z.ZodError) {
    return error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`).join('; ');
  }
  if (Error.isError(error) && error.name === 'SyntaxError') return 'The arguments are not valid JSON';
  log.error({ event: 'tool.failed', accountId, turnId, tool: name, err: error }, 'tool failed');
  return 'This cannot be looked up right now';
}
