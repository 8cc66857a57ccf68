import type { Connection } from 'mongoose';
import type { Account } from '../accounts/account.model.ts';
import type { Clock } from '../platform/clock.ts';
import { isDuplicateKey } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Upstream } from '../platform/openai-client.ts';
import { type Assistant, createAssistantModel } from './assistant.model.ts';
import { renderInstructions } from './instructions.ts';
import { createVectorStores, type VectorStores } from './vector-stores.ts';

export interface AssistantService {
  readonly vectorStores: VectorStores;
  /** The version that answers now; undefined before the first sync. */
  findCurrent(accountId: string): Promise<Assistant | undefined>;
  /** @throws AppError `unavailable` before the first sync. */
  getCurrent(accountId: string): Promise<Assistant>;
  /** Businesses whose assistant lives on another server than the one that is configured now, or has a model that is not served there; `follow` moves them. */
  listElsewhere(): Promise<string[]>;
  /** Newest first. */
  listVersions(accountId: string, limit: number): Promise<Assistant[]>;
  /**
   * Makes the assistant follow its business: a vector store and version 1 at first, later a new version whenever the
   * instructions would read differently, its model is not served any more, or another server answers (a new vector store there).
   * The caller holds the business's sync lease.
   */
  follow(account: Account, options: { signal?: AbortSignal | undefined }): Promise<Assistant>;
  /** A new version with another model or answer length. @throws AppError `stale`, `invalid-input` for a model that isn't served. */
  update(accountId: string, patch: AssistantPatch, ifMatch?: number): Promise<Assistant>;
}

export interface AssistantPatch {
  readonly model?: string | undefined;
  readonly maxOutputTokens?: number | undefined;
}

type VersionContent = Pick<Assistant, 'upstream' | 'model' | 'instructions' | 'maxOutputTokens' | 'vectorStoreId'>;

/** One assistant a business: a record whose every change is a new version, and its vector store. */
export function createAssistantService(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  upstream: Upstream;
  installation: string;
}): AssistantService {
  const { newId, upstream } = deps;
  const versions = createAssistantModel(deps.connection);
  const vectorStores = createVectorStores(upstream.openai, deps.clock);

  async function findNewest(accountId: string): Promise<Assistant | undefined> {
    return (await versions.findOne({ accountId }).sort({ version: -1 }).lean()) ?? undefined;
  }

  const isServed = (model: string) => upstream.served?.includes(model) ?? true;
  const isHere = (assistant: Pick<Assistant, 'upstream' | 'model'>) =>
    assistant.upstream === upstream.name && isServed(assistant.model);

  async function findCurrent(accountId: string): Promise<Assistant | undefined> {
    const newest = await findNewest(accountId);
    return newest !== undefined && isHere(newest) ? newest : undefined;
  }

  async function getCurrent(accountId: string): Promise<Assistant> {
    const current = await findCurrent(accountId);
    if (current === undefined) {
      throw new AppError('unavailable', 'The assistant is being set up; try again in a moment', { retryAfterS: 2 });
    }
    return current;
  }

  /** The unique index on version is the compare-and-set: of two writers one gets the number. */
  async function addVersion(accountId: string, version: number, content: VersionContent): Promise<Assistant> {
    try {
      const added = await versions.create({ ...content, _id: newId('asst'), accountId, version });
      return added.toObject();
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      throw new AppError('stale', 'The assistant was changed by somebody else just now; try again', { cause: error });
    }
  }

  return {
    vectorStores,
    findCurrent,
    getCurrent,

    async listElsewhere() {
      const newest = await versions
        .aggregate<{ _id: string; upstream: string; model: string }>([
          { $sort: { accountId: 1, version: -1 } },
          { $group: { _id: '$accountId', upstream: { $first: '$upstream' }, model: { $first: '$model' } } },
        ])
        .option({ acrossAccounts: true });
      return newest.filter((assistant) => !isHere(assistant)).map(({ _id }) => _id);
    },

    async listVersions(accountId, limit) {
      return versions.find({ accountId }).sort({ version: -1 }).limit(limit).lean();
    },

    async follow(account, options) {
      const accountId = account._id;
      const instructions = renderInstructions(account);
      const newest = await findNewest(accountId);
      if (newest?.upstream !== upstream.name) {
        const vectorStoreId = await vectorStores.create(storeName(deps.installation, accountId), options);
        const { name, model } = upstream;
        const content = {
          upstream: name,
          model,
          instructions,
          maxOutputTokens: newest?.maxOutputTokens ?? 800,
          vectorStoreId,
        };
        return addVersion(accountId, (newest?.version ?? 0) + 1, content);
      }
      const model = isServed(newest.model) ? newest.model : upstream.model;
      if (newest.instructions === instructions && newest.model === model) return newest;
      return addVersion(accountId, newest.version + 1, { ...contentOf(newest), model, instructions });
    },

    async update(accountId, patch, ifMatch) {
      if (patch.model !== undefined && !isServed(patch.model)) {
        const message = `the server that answers has ${upstream.served?.join(', ')} alone`;
        throw new AppError('invalid-input', `model: ${message}`, { fields: [{ path: 'model', message }] });
      }
      const current = await getCurrent(accountId);
      if (ifMatch !== undefined && ifMatch !== current.version) {
        throw new AppError('stale', 'If-Match: this is not the newest version; read it again before you change it');
      }
      const content = {
        ...contentOf(current),
        ...(patch.model === undefined ? {} : { model: patch.model }),
        ...(patch.maxOutputTokens === undefined ? {} : { maxOutputTokens: patch.maxOutputTokens }),
      };
      return addVersion(accountId, current.version + 1, content);
    },
  };
}

/** Says whose it is, so that a store which no version names can be found. */
export function storeName(installation: string, accountId: string): string {
  return `${installation} ${accountId}`;
}

function contentOf({ upstream, model, instructions, maxOutputTokens, vectorStoreId }: Assistant): VersionContent {
  return { upstream, model, instructions, maxOutputTokens, vectorStoreId };
}
