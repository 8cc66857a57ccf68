import type { ToolCallDelta } from './stream-chat.ts';

interface GatheredCall {
  index: number | undefined;
  id: string | undefined;
  name: string;
  arguments: string;
}

export interface CallGatherer {
  add(delta: ToolCallDelta): void;
  calls(): { name: string; arguments: string }[];
}

/**
 * Puts streamed function calls together. A piece belongs to the call of its id, else of its index: Ollama gives all calls the index
 * 0 (https://github.com/ollama/ollama/issues/15457), others none at all. Without either, a name begins a new call.
 */
export function createCallGatherer(): CallGatherer {
  const gathered: GatheredCall[] = [];

  const findOwner = (id: string | undefined, index: number | undefined, name: string): GatheredCall | undefined => {
    const sameId = id === undefined ? undefined : gathered.findLast((call) => call.id === id);
    if (sameId) return sameId;
    if (index === undefined) return id === undefined && name === '' ? gathered.at(-1) : undefined;
    const sameIndex = gathered.findLast((call) => call.index === index);
    return sameIndex && (id === undefined || sameIndex.id === undefined) ? sameIndex : undefined;
  };

  return {
    add(delta) {
      const id = delta.id || undefined;
      const index = delta.index ?? undefined;
      const name = delta.function?.name ?? '';
      const known = findOwner(id, index, name);
      const call = known ?? { index, id, name, arguments: '' };
      if (!known) gathered.push(call);
      call.id ??= id;
      call.name ||= name;
      call.arguments += textOf(delta.function?.arguments);
    },
    calls: () => gathered.map(({ name, arguments: text }) => ({ name, arguments: text.trim() || '{}' })),
  };
}

function textOf(given: unknown): string {
  if (given === undefined || given === null) return '';
  return typeof given === 'string' ? given : JSON.stringify(given);
}
