import type { Passage } from '../search.ts';
import { CONTACT_LABELS, type ContactField } from './contact-ask.ts';
import type { Language } from './language.ts';
import { stripMarkdown } from './sentences.ts';

export interface ContactAnswer {
  text: string;
  passage: Passage;
}

const PHRASES: Record<Language, Record<ContactField, (value: string) => string>> = {
  en: {
    address: (value) => `You find us at ${value}.`,
    phone: (value) => `Our phone number is ${value}.`,
    email: (value) => `You can write to us at ${value}.`,
    website: (value) => `Our website is ${value}.`,
    directions: (value) => value,
  },
  es: {
    address: (value) => `Estamos en ${value}.`,
    phone: (value) => `Nuestro teléfono es ${value}.`,
    email: (value) => `Puede escribirnos a ${value}.`,
    website: (value) => `Nuestra página es ${value}.`,
    directions: (value) => value,
  },
};

/** The labelled line ("Phone: …") of the first passage that has it; directions fall back on the address. Pure. */
export function findContact(passages: Passage[], field: ContactField, language: Language): ContactAnswer | undefined {
  for (const passage of passages) {
    const value = findLabelled(passage.text, field);
    if (value !== undefined) return { text: PHRASES[language][field](value), passage };
  }
  return field === 'directions' ? findContact(passages, 'address', language) : undefined;
}

function findLabelled(text: string, field: ContactField): string | undefined {
  for (const line of text.split('\n')) {
    const [, label = '', value] = /^([^:]{2,30}):\s+(\S.*)$/.exec(stripMarkdown(line)) ?? [];
    if (value !== undefined && CONTACT_LABELS[field].test(label))
      return field === 'directions' ? value : value.replace(/\.$/, '');
  }
  return undefined;
}
