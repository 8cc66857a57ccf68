import type { Connection } from 'mongoose';
import type { AccountService } from '../accounts/account.service.ts';
import type { AssistantService } from '../assistants/assistant.service.ts';
import type { Passage } from '../assistants/vector-stores.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import type { Leases } from '../platform/lease.ts';
import type { Logger } from '../platform/logger.ts';
import type { ObjectStore } from '../platform/object-store.ts';
import { type ContextFile, createContextFileModel } from './context-file.model.ts';
import { answerHours, describeMoment } from './describe-hours.ts';
import { createFaqService, type FaqService } from './faq.service.ts';
import { createProductFinder } from './find-products.ts';
import { type Knowledge, trueAt } from './knowledge.ts';
import { createLocalContextService, type LocalContextService } from './local-context.service.ts';
import { createProductModel, type Product } from './product.model.ts';
import { createProductService, type ProductService } from './product.service.ts';
import { createSyncer, type Syncer } from './sync.ts';
import { createDueSyncs, type DueSyncs } from './due-syncs.ts';

export interface ContextService extends Syncer, DueSyncs, Knowledge {
  readonly products: ProductService;
  readonly faqs: FaqService;
  readonly localContext: LocalContextService;
  /** The manifest: each context file and how far it has come. */
  listFiles(accountId: string): Promise<ContextFile[]>;
  /** The text of a file as visitors are answered from it. @throws AppError `not-found`. */
  readFile(accountId: string, name: string): Promise<string>;
  /** Makes the syncs due that bring assistants to the server that is configured now. */
  moveElsewhere(): Promise<void>;
  /** What file search would find. @throws AppError `unavailable` before the first sync. */
  search(accountId: string, text: string, limit: number): Promise<(Passage & { name: string })[]>;
}

const SEARCH_MS = 10_000;

/** What the owner knows, rendered into context files and kept in step with the object store and the vector store. */
export function createContextService(deps: {
  connection: Connection;
  clock: Clock;
  newId: NewId;
  log: Logger;
  leases: Leases;
  objects: ObjectStore;
  accounts: AccountService;
  assistants: AssistantService;
  installation: string;
}): ContextService {
  const { connection, clock, accounts, assistants } = deps;
  const files = createContextFileModel(connection);
  const productModel = createProductModel(connection);
  const products = createProductService({ connection, accounts });
  const faqs = createFaqService({ connection, accounts, newId: deps.newId });
  const localContext = createLocalContextService(deps);
  const findProducts = createProductFinder(connection);
  const syncer = createSyncer({ ...deps, loadData });

  async function loadData(accountId: string) {
    const [account, locations, productList, faqList, notes] = await Promise.all([
      accounts.get(accountId),
      accounts.listLocations(accountId),
      productModel.find({ accountId }).lean<Product[]>(),
      faqs.list(accountId),
      localContext.list(accountId),
    ]);
    return { account, locations, products: productList, faqs: faqList, notes };
  }

  async function listLiveFiles(accountId: string, fileIds: readonly string[]) {
    const live = await files.find({ accountId, 'live.fileId': { $in: [...fileIds] } }).lean<ContextFile[]>();
    return live.flatMap(({ name, title, live: revision }) =>
      revision?.fileId ? [{ fileId: revision.fileId, name, title }] : [],
    );
  }

  return {
    ...syncer,
    ...createDueSyncs({ accounts, syncer, log: deps.log }),
    products,
    faqs,
    localContext,
    findProducts,
    listLiveFiles,

    async describeNow(accountId, at) {
      const [locations, notes] = await Promise.all([accounts.listLocations(accountId), localContext.list(accountId)]);
      return describeMoment(locations, notes, at);
    },

    async openingHours(accountId, query) {
      return answerHours(await accounts.listLocations(accountId), query, clock.now());
    },

    async moveElsewhere() {
      for (const accountId of await assistants.listElsewhere()) await accounts.makeSyncDue(accountId);
    },

    async listFiles(accountId) {
      return files.find({ accountId }).sort({ name: 1 }).lean<ContextFile[]>();
    },

    async readFile(accountId, name) {
      const file = await files.findOne({ accountId, name }).lean<ContextFile>();
      if (!file?.live) throw new AppError('not-found', `name: there is no live context file ${name}`);
      return Buffer.from(await deps.objects.get(file.live.objectKey)).toString('utf8');
    },

    async search(accountId, text, limit) {
      const { vectorStoreId } = await assistants.getCurrent(accountId);
      const filters = trueAt(clock.now());
      const passages = await assistants.vectorStores.search(
        vectorStoreId,
        { text, filters, limit },
        { signal: AbortSignal.timeout(SEARCH_MS) },
      );
      const live = await listLiveFiles(
        accountId,
        passages.map(({ fileId }) => fileId),
      );
      const names = new Map(live.map(({ fileId, name }) => [fileId, name]));
      return passages.flatMap((passage) => {
        const name = names.get(passage.fileId);
        return name === undefined ? [] : [{ ...passage, name }];
      });
    },
  };
}
