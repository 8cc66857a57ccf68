import type { Mail } from '../platform/outbox.ts';
import { loadTemplate } from '../platform/templates.ts';
import type { Erasure } from './erasure.model.ts';

const renderMail = loadTemplate<{ id: string; slug: string; when: string; rows: string[]; isElsewhere: boolean }>(
  'mail/erasure',
);

/** Kinds by their plural, as the report names them. */
const ELSEWHERE = 'vectorStoresElsewhere';

/** The report to whoever wanted the business gone. */
export function erasureMail({ _id: id, slug, requestedAt, counts }: Erasure, to: string): Mail {
  const kinds = Object.values(counts).flatMap((byKind) => Object.entries(byKind));
  const rows = kinds
    .filter(([kind, count]) => kind !== ELSEWHERE && count > 0)
    .map(([kind, count]) => `${sayKind(kind)}: ${count}`);
  const isElsewhere = kinds.some(([kind, count]) => kind === ELSEWHERE && count > 0);
  const text = renderMail({ id, slug, when: requestedAt.toUTCString(), rows, isElsewhere });
  return { id, to, subject: `${slug} was deleted`, text };
}

/** `contextFiles` as "context files". */
function sayKind(kind: string): string {
  return kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
