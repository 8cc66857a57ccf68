import type { Connection } from 'mongoose';
import { type Clock, shiftDate } from '../platform/clock.ts';
import {
  type ContextFile,
  createContextFileModel,
  type FileRevision,
  type RetiringFile,
  type Step,
} from './context-file.model.ts';
import type { RenderedFile } from './render.ts';

/** Another sync of this business has begun: this one changes nothing any more. */
export class SyncSupersededError extends Error {
  override readonly name = 'SyncSupersededError';
}

const RETRY_MINUTES = [1, 5, 30, 120];

/**
 * The manifest as one sync sees it: each write is one atomic update that only the holder of the newest token can make.
 * @throws SyncSupersededError from each write, once a later sync has taken over.
 */
export interface Manifest {
  /** Shuts out earlier syncs and reads all entries. */
  takeOver(): Promise<ContextFile[]>;
  /** What should become live next; a rendering that never did joins `retiring`. Inserts a new name. */
  plan(file: RenderedFile, target: { storeId: string; objectKey: string }): Promise<void>;
  /** The next step of that rendering is done. */
  advance(file: RenderedFile, state: Step, fileId: string | null): Promise<void>;
  /** `live := next`; the old `live` joins `retiring`. */
  switchLive(file: RenderedFile): Promise<void>;
  /** Forgets a rendering that is under way or was refused; its file joins `retiring`. */
  dropNext(name: string): Promise<void>;
  /**
   * The rendering failed: why, in an owner's words, and when it is tried again. `live` stays. What was refused for its content is
   * given up after some tries, until it changes or somebody asks for it; what may pass by itself is not.
   */
  fail(file: RenderedFile, reason: string, kind: 'refused' | 'not-ready'): Promise<void>;
  /** Takes a name out of what visitors are answered from. */
  retire(name: string): Promise<void>;
  /** A retiring file is gone. */
  forgetRetired(name: string, retired: RetiringFile): Promise<void>;
  /** Removes entries that hold nothing any more. */
  prune(): Promise<void>;
  read(): Promise<ContextFile[]>;
}

export function createManifest(connection: Connection, clock: Clock, accountId: string, token: number): Manifest {
  const files = createContextFileModel(connection);

  const read = () => files.find({ accountId }).sort({ name: 1 }).lean<ContextFile[]>();

  /** Reads an entry that is ours and writes it as `change` says; nothing but this sync can have come between. */
  async function write(name: string, change: (entry: ContextFile) => object): Promise<void> {
    const entry = await files.findOne({ accountId, name, token }).lean<ContextFile>();
    if (entry === null) throw new SyncSupersededError(`${name} belongs to a later sync than ${token}`);
    const filter = { accountId, name, token, 'next.sha256': entry.next?.sha256 ?? null };
    const written = await files.updateOne(filter, change(entry));
    if (written.matchedCount === 0) throw new SyncSupersededError(`${name} was taken over from sync ${token}`);
  }

  return {
    read,

    async takeOver() {
      await files.updateMany({ accountId, token: { $lt: token } }, { $set: { token } });
      return read();
    },

    async plan(file, target) {
      const { name, kind, title } = file;
      const steps = [{ step: 'planned' as const, at: clock.now() }];
      const next = { ...revisionOf(file, target), fileId: null, state: 'planned' as const, steps };
      const inserted = await files.updateOne(
        { accountId, name },
        { $setOnInsert: { kind, title, token, next, live: null, retiring: [], failed: null } },
        { upsert: true },
      );
      if (inserted.upsertedCount === 1) return;
      await write(name, (entry) => ({ $set: { title, next }, ...retiring(fileOf(entry.next)) }));
    },

    async advance({ name }, state, fileId) {
      await write(name, () => ({
        $set: { 'next.state': state, 'next.fileId': fileId },
        $push: { 'next.steps': { step: state, at: clock.now() } },
      }));
    },

    async switchLive({ name }) {
      await write(name, (entry) => {
        if (entry.next === null) throw new Error(`${name} has nothing to switch to`);
        const { state: _, steps = [], ...live } = entry.next;
        const since = clock.now();
        return {
          $set: { live: { ...live, since, steps: [...steps, { step: 'live', at: since }] }, next: null, failed: null },
          ...retiring(fileOf(entry.live)),
        };
      });
    },

    async dropNext(name) {
      await write(name, (entry) => ({ $set: { next: null, failed: null }, ...retiring(fileOf(entry.next)) }));
    },

    async fail({ name, sha256 }, reason, kind) {
      await write(name, (entry) => {
        const attempts = entry.failed?.sha256 === sha256 ? entry.failed.attempts + 1 : 1;
        const minutes = RETRY_MINUTES[attempts - 1] ?? (kind === 'refused' ? undefined : RETRY_MINUTES.at(-1));
        const nextTryAt = minutes === undefined ? null : shiftDate(clock.now(), minutes * 60_000);
        return {
          $set: { next: null, failed: { sha256, reason, attempts, nextTryAt } },
          ...retiring(fileOf(entry.next)),
        };
      });
    },

    async retire(name) {
      await write(name, (entry) => ({
        $set: { live: null, next: null, failed: null },
        ...retiring(fileOf(entry.live), fileOf(entry.next)),
      }));
    },

    async forgetRetired(name, { fileId, storeId }) {
      await write(name, () => ({ $pull: { retiring: { fileId, storeId } } }));
    },

    async prune() {
      await files.deleteMany({ accountId, token, live: null, next: null, failed: null, retiring: { $size: 0 } });
    },
  };
}

function revisionOf(file: RenderedFile, target: { storeId: string; objectKey: string }): Omit<FileRevision, 'fileId'> {
  return { sha256: file.sha256, bytes: file.bytes.byteLength, attributes: file.attributes, ...target };
}

function fileOf(revision: FileRevision | null): RetiringFile | undefined {
  if (revision === null || revision.fileId === null) return undefined;
  return { fileId: revision.fileId, storeId: revision.storeId };
}

function retiring(...files: (RetiringFile | undefined)[]): object {
  const known = files.filter((file) => file !== undefined);
  return known.length === 0 ? {} : { $push: { retiring: { $each: known } } };
}
