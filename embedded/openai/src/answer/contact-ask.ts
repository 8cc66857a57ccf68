export type ContactField = 'address' | 'phone' | 'email' | 'website' | 'directions';

export interface ContactAsk {
  kind: 'contact';
  text: string;
  field: ContactField;
}

/** How files name them, as the search is asked and as lines are labelled. */
export const CONTACT_LABELS: Record<ContactField, RegExp> = {
  address: /^(address|direcci[oó]n|location)$/i,
  phone: /^(phone|telephone|tel|tel[eé]fono|call us)$/i,
  email: /^(e-?mail|correo)$/i,
  website: /^(website|web|web site|url|homepage|p[aá]gina web)$/i,
  directions: /^(how to get there|directions|getting here|c[oó]mo llegar)$/i,
};

const PLACE =
  '(shop|store|bakery|cafe|place|restaurant|business|office|studio|salon|clinic|practice|nursery|gym|school|market|building|location)';
const BY_FIELD: [ContactField, RegExp][] = [
  ['email', /\be-?mail( address)?\b/],
  [
    'phone',
    /\b(phone|telephone) ?(number|#|no)?\b|\bwhat('s| is) your number\b|\b(can|could|may|how do|how can) i (call|phone|ring)( you)?\b|\bnumber to call\b/,
  ],
  ['website', /\b(website|web ?site|web page|webpage|homepage|url)( address| link)?\b/],
  [
    'directions',
    new RegExp(
      `\\b(directions|get (there|to (you|(the|your) ${PLACE}))|(find|reach) (you|(the|your) ${PLACE})(?= by\\b|[ ?.!]*$)|how to find you)\\b`,
    ),
  ],
  [
    'address',
    new RegExp(
      `\\b(address|where (are|r) (you|u|your)( guys)?\\b(?! (from|made|baked|grown|sourced|\\w+s\\b))|where('s| is) (the|your) ${PLACE}|where can i find (you|(the|your) ${PLACE})|located|location|what (town|city|street|part of town)|find you)\\b`,
    ),
  ],
];
const NOT_CONTACT = /\b(deliver|ship|send|park(ing)?|order|gift|newsletter|sign up|confirmation)\b/;

/** By what a sentence asks to reach the business: one ask for each. Pure. */
export function findContactAsks(text: string): ContactAsk[] {
  let rest = text.toLowerCase();
  if (NOT_CONTACT.test(rest)) return [];
  const fields = BY_FIELD.filter(([, pattern]) => {
    const [said] = pattern.exec(rest) ?? [];
    // "E-mail address" is one thing, and so is "where is the shop, how do I get there".
    rest = said === undefined ? rest : rest.replace(said, ' ');
    return said !== undefined;
  }).map(([field]) => field);
  const isWay = fields.includes('directions');
  return fields.filter((field) => !(isWay && field === 'address')).map((field) => ({ kind: 'contact', text, field }));
}
