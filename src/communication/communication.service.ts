import type { Connection } from 'mongoose';
import type { Clock } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import type { NewId } from '../platform/ids.ts';
import { createHandoffModel, type Handoff } from './handoff.model.ts';

export interface NewHandoff extends Pick<Handoff, 'threadId' | 'by' | 'name' | 'email' | 'phone' | 'reason'> {
  /** Names the wish, so that telling it twice makes one handoff; absent: each call is a wish of its own. */
  readonly onceKey?: string;
}

export interface CommunicationService {
  /** Stores that a visitor wants a person. The same `onceKey` answers the first handoff. */
  createHandoff(accountId: string, wish: NewHandoff): Promise<Handoff>;
}

export function createCommunicationService(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
}): CommunicationService {
  const handoffs = createHandoffModel(deps.connection);
  return {
    async createHandoff(accountId, wish) {
      const id = deps.newId('hnd');
      const onceKey = wish.onceKey ?? id;
      const handoff = { ...wish, _id: id, accountId, onceKey, state: 'new' as const, createdAt: deps.clock.now() };
      try {
        await handoffs.create(handoff);
        return handoff;
      } catch (error) {
        const first = isDuplicateKey(error) ? await handoffs.findOne({ accountId, onceKey }).lean() : null;
        if (first === null) throw error;
        return first;
      }
    },
  };
}
