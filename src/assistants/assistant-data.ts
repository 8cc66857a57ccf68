import type { Connection } from 'mongoose';
import { type DataOwner, eraseDocuments, exportDocuments } from '../platform/data-owners.ts';
import type { Upstream } from '../platform/openai-client.ts';
import { createAssistantModel } from './assistant.model.ts';
import { storeName } from './assistant.service.ts';
import type { VectorStores } from './vector-stores.ts';

/** The assistant's versions, and its vector stores on the server that is configured now. */
export function createAssistantData(deps: {
  connection: Connection;
  upstream: Upstream;
  installation: string;
  vectorStores: VectorStores;
}): DataOwner {
  const { upstream, vectorStores } = deps;
  const versions = createAssistantModel(deps.connection);

  /** Those that a version names, and those that no version came to name because a process died. */
  async function eraseStores(accountId: string, signal: AbortSignal) {
    const known = await versions.find({ accountId }).select({ upstream: 1, vectorStoreId: 1 }).lean();
    const named = await vectorStores.listStores(storeName(deps.installation, accountId), { signal });
    const here = known.filter((version) => version.upstream === upstream.name);
    const storeIds = new Set([...here.map(({ vectorStoreId }) => vectorStoreId), ...named]);
    for (const storeId of storeIds) await vectorStores.remove(storeId, { signal });
    // Servers that were used before can't be reached from here; whoever reads the report must know.
    const elsewhere = new Set(
      known.filter((version) => !here.includes(version)).map((version) => version.vectorStoreId),
    );
    return { vectorStores: storeIds.size, vectorStoresElsewhere: elsewhere.size };
  }

  return {
    name: 'assistants',

    async *exportAccount(accountId) {
      yield exportDocuments('assistant-versions.jsonl', versions, accountId);
    },

    async eraseAccount(accountId, signal) {
      const stores = await eraseStores(accountId, signal);
      return { ...stores, assistantVersions: await eraseDocuments(versions, { accountId }, signal) };
    },
  };
}
