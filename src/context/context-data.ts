import type { Connection } from 'mongoose';
import pMap from 'p-map';
import type { AssistantService } from '../assistants/assistant.service.ts';
import { type Counts, type DataOwner, eraseDocuments, exportDocuments } from '../platform/data-owners.ts';
import { AppError } from '../platform/errors.ts';
import type { Leases } from '../platform/lease.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { type ContextFile, createContextFileModel } from './context-file.model.ts';
import { createContextVersionModel } from './context-version.model.ts';
import { createFaqModel } from './faq.model.ts';
import { createLocalContextModel } from './local-context.model.ts';
import { createProductModel } from './product.model.ts';
import { remoteNamePrefix } from './sync-files.ts';

const LEASE_MS = 10 * 60_000;
const PARALLEL = 4;

/** What the owner knows, and the files that were made of it: on OpenAI's side, in the object store, in the database. */
export function createContextData(deps: {
  connection: Connection;
  leases: Leases;
  objects: ObjectStore;
  assistants: Pick<AssistantService, 'vectorStores'>;
  installation: string;
}): DataOwner {
  const { connection, leases, objects } = deps;
  const { vectorStores } = deps.assistants;
  const files = createContextFileModel(connection);
  const versions = createContextVersionModel(connection);
  const products = createProductModel(connection);
  const faqs = createFaqModel(connection);
  const notes = createLocalContextModel(connection);

  /** Those that the manifest names, and those whose id it never learned because a process died. */
  async function eraseRemoteFiles(accountId: string, signal: AbortSignal): Promise<number> {
    const entries = await files.find({ accountId }).lean<ContextFile[]>();
    const known = entries.flatMap(({ live, next, retiring }) => [
      live?.fileId,
      next?.fileId,
      ...retiring.map(({ fileId }) => fileId),
    ]);
    const named = await vectorStores.listFiles(remoteNamePrefix(deps.installation, accountId), { signal });
    const fileIds = new Set([...known, ...named].filter((fileId) => typeof fileId === 'string'));
    await pMap(fileIds, (fileId) => vectorStores.deleteFile(fileId, { signal }), { concurrency: PARALLEL, signal });
    return fileIds.size;
  }

  async function eraseObjects(accountId: string, signal: AbortSignal): Promise<number> {
    const keys = await objects.list(`accounts/${accountId}/`);
    await pMap(keys, (key) => objects.delete(key), { concurrency: PARALLEL, signal });
    return keys.length;
  }

  async function eraseAll(accountId: string, signal: AbortSignal): Promise<Counts> {
    const filter = { accountId };
    return {
      openaiFiles: await eraseRemoteFiles(accountId, signal),
      objects: await eraseObjects(accountId, signal),
      contextFiles: await eraseDocuments(files, filter, signal),
      contextVersions: await eraseDocuments(versions, filter, signal),
      products: await eraseDocuments(products, filter, signal),
      faqs: await eraseDocuments(faqs, filter, signal),
      notes: await eraseDocuments(notes, filter, signal),
    };
  }

  return {
    name: 'context',

    async *exportAccount(accountId) {
      yield exportDocuments('products.jsonl', products, accountId, ['skuHash', 'terms']);
      yield exportDocuments('faqs.jsonl', faqs, accountId);
      yield exportDocuments('notes.jsonl', notes, accountId);
      yield exportDocuments('context-files.jsonl', files, accountId);
      yield exportDocuments('context-versions.jsonl', versions, accountId);
      for (const { name, live } of await files.find({ accountId }).sort({ name: 1 }).lean<ContextFile[]>()) {
        if (live === null) continue;
        yield { path: `context/${name}`, text: Buffer.from(await objects.get(live.objectKey)).toString('utf8') };
      }
    },

    /** A sync that runs ends first: a business that is being deleted begins none, so that nothing is uploaded behind our back. */
    async eraseAccount(accountId, signal) {
      const lease = await leases.take(`sync:${accountId}`, LEASE_MS);
      if (lease === undefined)
        throw new AppError('unavailable', 'The assistant is being synced; it is erased after that');
      try {
        return await eraseAll(accountId, signal);
      } finally {
        await leases.release(lease);
      }
    },
  };
}
