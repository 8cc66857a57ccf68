import { createInterface } from 'node:readline/promises';
import type { Visitor } from '../../src/chat/thread.service.ts';
import type { CliContext, RunCommand } from './command.ts';
import { getAccount } from './find-account.ts';

interface Conversation {
  readonly visitor: Visitor;
  readonly threadId: string;
}

/** `chat "question" --account slug`: one turn; without a question, a conversation until an empty line or Ctrl-D. */
export const chatCommand: RunCommand<{ question?: string | undefined; account: string }> = async (options, context) => {
  const { service } = context;
  const account = await getAccount(options.account, context);
  const caller = { accountId: account._id, actorId: 'cli', keyId: 'cli', kind: 'secret' as const, address: undefined };
  const { thread, token } = await service.chat.threads.create(caller);
  const conversation = { visitor: { ...caller, threadToken: token }, threadId: thread._id };
  if (options.question !== undefined) return ask(conversation, options.question, context);

  process.stderr.write(`You are talking to the AI assistant of ${account.name}. An empty line ends it.\n`);
  const lines = createInterface({ input: process.stdin, output: process.stderr, prompt: '> ' });
  context.signal.addEventListener('abort', () => lines.close());
  let isOpen = true; // input that comes from a file ends before its last answer
  lines.once('close', () => {
    isOpen = false;
  });
  let exitCode = 0;
  lines.prompt();
  for await (const line of lines) {
    if (line.trim() === '') break;
    exitCode = await ask(conversation, line, context);
    if (isOpen) lines.prompt();
  }
  lines.close();
  return exitCode;
};

async function ask({ visitor, threadId }: Conversation, text: string, context: CliContext): Promise<number> {
  const { service, signal, isJson, print } = context;
  const turn = await service.chat.send(visitor, threadId, { text, id: undefined });
  for await (const { part } of turn.read({ offset: 0, signal })) {
    if (!isJson && part.type === 'text-delta') process.stdout.write(part.delta);
  }
  signal.throwIfAborted();
  const answer = await service.chat.getAnswer(visitor.accountId, turn);
  const sources = answer.answer?.sources ?? [];
  if (isJson) print(JSON.stringify({ state: answer.state, text: answer.text, sources }));
  else print(sources.length === 0 ? '' : `\n(from: ${sources.map(({ title }) => title).join(', ')})`);
  return answer.state === 'done' ? 0 : 1;
}
