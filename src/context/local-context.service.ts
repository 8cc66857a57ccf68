import type { Connection } from 'mongoose';
import { z } from 'zod';
import type { AccountService } from '../accounts/account.service.ts';
import type { Clock } from '../platform/clock.ts';
import { textField } from '../platform/clean-text.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { createLocalContextModel, type LocalContext } from './local-context.model.ts';

export const NoteInput = z
  .strictObject({
    text: textField(1000).min(1),
    startsAt: z.iso.datetime({ offset: true }).optional().describe('absent: from now on'),
    expiresAt: z.iso.datetime({ offset: true }).describe('from this moment on nobody is told it any more'),
  })
  .meta({ id: 'NoteInput' });
export type NoteInput = z.infer<typeof NoteInput>;

/** Each is a file of its own and part of each turn's facts. */
const NOTES_MAX = 50;

export interface LocalContextService {
  /** Items that have not ended, the soonest to end first; those yet to begin too. */
  list(accountId: string): Promise<LocalContext[]>;
  /** @throws AppError `invalid-input` for an end that is not in the future or not after the beginning, or at 50 items. */
  addNote(accountId: string, note: NoteInput): Promise<LocalContext>;
  /** @throws AppError `not-found`. */
  remove(accountId: string, id: string): Promise<void>;
}

/** Temporary context: what is true for a while. It is invisible from the minute it ends, whatever else is late. */
export function createLocalContextService(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  accounts: AccountService;
}): LocalContextService {
  const { clock, accounts } = deps;
  const items = createLocalContextModel(deps.connection);

  async function list(accountId: string): Promise<LocalContext[]> {
    return items
      .find({ accountId, expiresAt: { $gt: clock.now() } })
      .sort({ expiresAt: 1, _id: 1 })
      .lean();
  }

  return {
    list,

    async addNote(accountId, { text, startsAt, expiresAt }) {
      const now = clock.now();
      const item = {
        _id: deps.newId('ctx'),
        accountId,
        kind: 'note' as const,
        text,
        startsAt: startsAt === undefined ? now : new Date(startsAt),
        expiresAt: new Date(expiresAt),
        createdAt: now,
      };
      if (item.expiresAt <= now) throw refuse('expiresAt', 'must be in the future');
      if (item.expiresAt <= item.startsAt) throw refuse('expiresAt', 'must be after startsAt');
      if ((await list(accountId)).length >= NOTES_MAX)
        throw refuse('text', `there can be ${NOTES_MAX} notes at a time`);
      await accounts.recordChange(accountId, () => items.create(item));
      return item;
    },

    async remove(accountId, id) {
      const removed = await accounts.recordChange(accountId, () => items.deleteOne({ accountId, _id: id }));
      if (removed.deletedCount === 0) throw new AppError('not-found', `id: there is no note ${id}`);
    },
  };
}

function refuse(path: string, message: string): AppError {
  return new AppError('invalid-input', `${path}: ${message}`, { fields: [{ path, message }] });
}
