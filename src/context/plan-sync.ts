import type { ContextFile } from './context-file.model.ts';
import type { RenderedFile } from './render.ts';

/** What a sync has to do, by name of context file. */
export interface SyncPlan {
  /** To be brought from where they stand to live. */
  readonly advance: readonly RenderedFile[];
  /** Live as they should be; of these some have a rendering that is no longer wanted, under way or refused. */
  readonly unchanged: readonly RenderedFile[];
  readonly dropNext: readonly string[];
  /** No longer rendered. */
  readonly retire: readonly string[];
  /** Failed with this very content; when they are tried again, if ever. */
  readonly waiting: readonly { readonly name: string; readonly nextTryAt: Date | null }[];
}

/** Compares what should be with the manifest. Pure. */
export function planSync(
  rendered: readonly RenderedFile[],
  manifest: readonly ContextFile[],
  { storeId, now, retryFailed = false }: { storeId: string; now: Date; retryFailed?: boolean },
): SyncPlan {
  const known = new Map(manifest.map((file) => [file.name, file]));
  const wanted = new Set(rendered.map(({ name }) => name));
  const plan = {
    advance: [] as RenderedFile[],
    unchanged: [] as RenderedFile[],
    dropNext: [] as string[],
    waiting: [] as { name: string; nextTryAt: Date | null }[],
  };
  for (const file of rendered) {
    const entry = known.get(file.name);
    const failed = entry?.failed?.sha256 === file.sha256 ? entry.failed : undefined;
    if (entry?.live?.sha256 === file.sha256 && entry.live.storeId === storeId) {
      plan.unchanged.push(file);
      if (entry.next !== null || entry.failed !== null) plan.dropNext.push(file.name);
    } else if (!retryFailed && failed !== undefined && (failed.nextTryAt === null || failed.nextTryAt > now)) {
      plan.waiting.push({ name: file.name, nextTryAt: failed.nextTryAt });
    } else {
      plan.advance.push(file);
    }
  }
  const retire = manifest.filter(({ name }) => !wanted.has(name)).map(({ name }) => name);
  return { ...plan, retire };
}

/**
 * Whether a file that is no longer rendered may go: a leaf of products once the leaves that now cover its products are
 * live, anything else at once.
 */
export function mayRetire(name: string, rendered: readonly RenderedFile[], isLive: (name: string) => boolean): boolean {
  const prefix = leafPrefix(name);
  if (prefix === undefined) return true;
  return rendered.every((file) => {
    const other = leafPrefix(file.name);
    const covers = other !== undefined && (other.startsWith(prefix) || prefix.startsWith(other));
    return !covers || isLive(file.name);
  });
}

function leafPrefix(name: string): string | undefined {
  return /^products-([01]*)\.md$/.exec(name)?.[1];
}
