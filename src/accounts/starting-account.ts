import { randomInt } from 'node:crypto';
import { AppError } from '../platform/errors.ts';
import type { Account } from './account.model.ts';
import type { NewAccount, NewLocation } from './account.schema.ts';
import type { AccountService } from './account.service.ts';
import type { OpeningHours } from './opening-hours.schema.ts';

/** What is known of a business on its first day. */
export interface FirstFacts {
  readonly name: string;
  /** IANA zone; UTC unless it is known. */
  readonly timezone?: string | undefined;
  /** Where visitors and we reach it. */
  readonly email?: string | undefined;
  /** Made from the name unless somebody chose it. */
  readonly slug?: string | undefined;
}

const SLUG_MAX = 50;
const SLUG_TRIES = 5;

/** A business that tells only its name: its assistant says nothing of address and hours until the owner has written them down. */
export function startingAccount({ name, timezone = 'UTC', email, slug = slugOf(name) }: FirstFacts): {
  account: NewAccount;
  location: NewLocation;
  hours: OpeningHours;
} {
  return {
    account: {
      slug,
      name,
      description: '',
      contact: { email: email ?? null, phone: null, website: null },
      persona: {
        tone: 'friendly and helpful',
        warmth: 0.6,
        greeting: `Hello! What would you like to know about ${name}?`,
        languages: ['en'],
        extraInstructions: '',
      },
    },
    location: {
      name,
      address: { street: '', city: '', region: '', postalCode: '', country: '' },
      geo: null,
      phone: null,
      directions: '',
    },
    hours: { timezone, weekly: {}, exceptions: [] },
  };
}

/**
 * Makes such a business. Where its name's slug is taken another one is found; one that was chosen must be free.
 * @throws AppError `conflict`.
 */
export async function createStartingAccount(
  accounts: Pick<AccountService, 'create'>,
  facts: FirstFacts,
): Promise<Account> {
  const { account, location, hours } = startingAccount(facts);
  for (let attempt = 1; ; attempt += 1) {
    const slug = attempt === 1 ? account.slug : `${account.slug}-${randomInt(1000, 100_000)}`;
    try {
      return await accounts.create({ ...account, slug }, location, hours);
    } catch (error) {
      const isTaken = error instanceof AppError && error.code === 'conflict';
      if (!isTaken || facts.slug !== undefined || attempt === SLUG_TRIES) throw error;
    }
  }
}

/** "Café Müller & Söhne" as `cafe-muller-sohne`; a name without Latin letters as `business`. */
export function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_MAX)
    .replaceAll(/^-+|-+$/g, '');
  return words === '' ? 'business' : words;
}
