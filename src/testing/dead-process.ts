import type { ChatApp, TestVisitor } from './chat-app.ts';

type StoredRecord = { _id: string } & Record<string, unknown>;

/** Leaves the records as a process does that was killed while it answered. */
export async function pretendProcessDied(
  chat: ChatApp,
  visitor: TestVisitor,
  said: string,
  more: object = {},
): Promise<void> {
  const { connection, newId, clock } = chat.app.service.platform;
  const { accountId } = chat.bakery;
  const { threadId } = visitor;
  const turn = newId('trn');
  const place = { accountId, threadId, turnId: turn, replaced: false, createdAt: clock.now() };
  await connection
    .collection<StoredRecord>('threads')
    .updateOne({ _id: threadId }, { $set: { seq: 2, queue: [{ turn, at: clock.now() }] } });
  await connection
    .collection<StoredRecord>('messages')
    .insertOne({ _id: newId('msg'), ...place, seq: 1, role: 'visitor', text: 'When do you open?', state: 'done' });
  await connection.collection<StoredRecord>('turns').insertOne({
    _id: turn,
    accountId,
    threadId,
    seq: 2,
    requestHash: '',
    state: 'running',
    lease: { owner: 'prc_dead', until: clock.now() },
    stopRequested: false,
    textSoFar: said,
    settled: false,
    createdAt: clock.now(),
    ...more,
  });
}
