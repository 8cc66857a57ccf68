export interface PersonAsk {
  kind: 'person';
  text: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  reason: string;
}

const REASON_CHARS_MAX = 500;
const PERSON = '(person|human|someone|somebody|agent|representative|rep|staff|manager|owner|employee|operator|team)';
const WISHES = [
  new RegExp(`\\b(talk|speak|chat|connect|transfer|put)\\b.{0,30}\\b${PERSON}\\b`),
  /\b(talk|speak|chat) (to|with) (a|an|the|your|my|one of|some)\b(?! (lot|bit|language|bot|robot|machine))/,
  new RegExp(`\\b${PERSON}\\b.{0,25}\\b(i can|to) (talk|speak|chat)\\b`),
  /\b(call|phone|ring|email|e-mail|text|contact) me\b/,
  /\b(get back to|reach out to) me\b/,
  new RegExp(`\\b(want|need|like|get) (a |an |some)?(real |actual |live )?(person|human|human being)\\b`),
  /\bleave (you )?a (message|note)\b/,
  /^(a )?(real |live )?(human|person|agent|representative)( please)?[.!]*$/,
];
const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/u;
const PHONE = /(?<![\d-])\+?\(?\d[\d\s().-]{6,18}\d(?![\d-])/g;
const NAME =
  /\b(?:[Mm]y name is|[Ii] am|[Ii]['’]m|[Tt]his is|[Nn]ame:)\s+(\p{Lu}[\p{L}'’-]+(?:\s+\p{Lu}[\p{L}'’-]+)?)/u;

/** Whether a visitor wants a person, or leaves how to be reached. Pure. */
export function findPersonAsk(text: string): PersonAsk | undefined {
  const lower = text.toLowerCase();
  const email = EMAIL.exec(text)?.[0] ?? null;
  const phone = findPhone(text);
  if (!email && !phone && !WISHES.some((wish) => wish.test(lower))) return undefined;
  return toPersonAsk(text, { email, phone });
}

/** The wish itself, where another sentence than the visitor's says what it is about. */
export function toPersonAsk(text: string, contact: { email: string | null; phone: string | null }): PersonAsk {
  const name = NAME.exec(text)?.[1] ?? null;
  return { kind: 'person', text, name, ...contact, reason: text.trim().slice(0, REASON_CHARS_MAX) };
}

function findPhone(text: string): string | null {
  const withoutDates = text.replace(/\b\d{4}-\d{2}-\d{2}\b/g, ' ');
  for (const [candidate] of withoutDates.matchAll(PHONE)) {
    const digits = candidate.replace(/\D/g, '').length;
    if (digits >= 7 && digits <= 15) return candidate.trim();
  }
  return null;
}
