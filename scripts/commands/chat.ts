import { AppError } from '../../src/platform/errors.ts';
import type { RunCommand } from './command.ts';

/** `chat "question" --account slug`: one turn of a thread of its own. */
export const chatCommand: RunCommand<{ question: string; account: string }> = async (options, context) => {
  const { service, signal, isJson, print } = context;
  const account = await service.accounts.findBySlug(options.account);
  if (account === undefined) throw new AppError('not-found', `there is no business ${options.account}`);
  const caller = { accountId: account._id, keyId: 'cli' };
  const { thread, token } = await service.chat.threads.create(caller);
  const turn = await service.chat.send({ ...caller, threadToken: token }, thread._id, {
    text: options.question,
    id: undefined,
  });
  for await (const { part } of turn.read({ offset: 0, signal })) {
    if (!isJson && part.type === 'text-delta') process.stdout.write(part.delta);
  }
  signal.throwIfAborted();
  const answer = await service.chat.getAnswer(account._id, turn);
  const sources = answer.answer?.sources ?? [];
  if (isJson) print(JSON.stringify({ state: answer.state, text: answer.text, sources }));
  else print(sources.length === 0 ? '' : `\n(from: ${sources.map(({ title }) => title).join(', ')})`);
  return answer.state === 'done' ? 0 : 1;
};
