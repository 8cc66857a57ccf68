import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { AppError } from '../platform/errors.ts';
import { createTools } from './tools.ts';

type Deps = Parameters<typeof createTools>[0];

const context = { accountId: 'acc_1', threadId: 'thr_1', turnId: 'trn_1', callId: 'call_1' };

function toolsOf(knowledge: Partial<Deps['knowledge']>) {
  // Only the knowledge is asked in these tests; anything else that is touched fails them.
  return createTools({ knowledge, log: pino({ level: 'silent' }) } as Deps);
}

test('every function is strict: no other fields, all of them named, none with a limit that strict mode lacks', () => {
  const { specs } = toolsOf({});

  expect(specs.map((spec) => spec.name)).toEqual(['opening_hours', 'find_products', 'request_human']);
  for (const { parameters, description } of specs) {
    const { properties, required, additionalProperties } = parameters as {
      properties: Record<string, object>;
      required: string[];
      additionalProperties: boolean;
    };
    expect(description).not.toBe('');
    expect(additionalProperties).toBe(false);
    expect(required).toEqual(Object.keys(properties));
    expect(JSON.stringify(properties)).not.toMatch(/"(?:minLength|maxLength|default)"/);
  }
});

test.each([
  ['arguments that are no JSON', 'opening_hours', '{"date":', /JSON/],
  ['a missing argument', 'opening_hours', '{"date":null}', /location/],
  ['an unknown function', 'give_discount', '{}', /give_discount/],
  ['a date that isn’t one', 'opening_hours', '{"date":"soon","location":null}', /date: soon is not a date/],
])('%s is told to the model as an error', async (_name, name, args, said) => {
  const tools = toolsOf({
    openingHours: () => Promise.reject(new AppError('invalid-input', 'date: soon is not a date')),
  });

  expect(await tools.execute(name, args, context)).toEqual({ error: expect.stringMatching(said) });
});

test('what broke inside is told to nobody but the log', async () => {
  const tools = toolsOf({ openingHours: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7')) });

  const told = await tools.execute('opening_hours', '{"date":null,"location":null}', context);

  expect(JSON.stringify(told)).not.toContain('10.0.0.7');
});
