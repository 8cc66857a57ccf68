import type { CommunicationService, NewHandoff } from '../communication/communication.service.ts';
import { type Clock, shiftDate } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { HANDOFFS_MAX, type ThreadModel } from './thread.model.ts';

const HOUR_MS = 60 * 60 * 1000;

/**
 * Stores that the thread's visitor wants a person, and marks the thread. A business is told so by mail: hence the limit for each
 * thread and hour, taken in one conditional update. @throws AppError `too-many-handoffs`.
 */
export async function askForPerson(
  { clock, threads, communication }: { clock: Clock; threads: ThreadModel; communication: CommunicationService },
  accountId: string,
  wish: NewHandoff,
): Promise<{ id: string }> {
  const now = clock.now();
  const thread = { accountId, _id: wish.threadId, erasingAt: { $exists: false } };
  const counted = await threads.updateOne(
    {
      ...thread,
      $or: [
        { [`handoffsAt.${HANDOFFS_MAX - 1}`]: { $exists: false } },
        { 'handoffsAt.0': { $lte: shiftDate(now, -HOUR_MS) } },
      ],
    },
    { $push: { handoffsAt: { $each: [now], $slice: -HANDOFFS_MAX } } },
  );
  if (counted.matchedCount === 0) {
    throw new AppError('too-many-handoffs', `The team was asked ${HANDOFFS_MAX} times within an hour; it knows`, {
      retryAfterS: HOUR_MS / 1000,
    });
  }
  const handoff = await communication.createHandoff(accountId, wish);
  const marked = await threads.updateOne(thread, { $set: { state: 'waiting_for_person' } });
  // The conversation was erased meanwhile: the wish goes after it.
  if (marked.matchedCount === 0) await communication.eraseHandoffs(accountId, [wish.threadId]);
  return { id: handoff._id };
}
