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

const BY_FIELD: [ContactField, RegExp][] = [
  ['email', /\be-?mail( address)?\b/],
  [
    'phone',
    /\b(phone|telephone) ?(number|#|no)?\b|\bwhat('s| is) your number\b|\b(can|could|may|how do|how can) i (call|phone|ring)( you)?\b|\bnumber to call\b/,
  ],
  ['website', /\b(website|web ?site|web page|webpage|homepage|url)\b/],
  [
    'directions',
    /\b(directions|get (there|to you|to the (shop|store|bakery|cafe))|how do i (find|reach) (you|the (shop|store|place))|how to find you)\b/,
  ],
  [
    'address',
    /\b(address|where (are|r) (you|u|your)( guys)?\b(?! (from|made|baked|grown|sourced))|where('s| is) (the|your) (shop|store|bakery|place|restaurant|cafe|business|office)|where can i find (you|the (shop|store))|located|location|what (town|city|street|part of town)|find you)\b/,
  ],
];
const NOT_CONTACT = /\b(deliver|ship|send|park(ing)?|order|gift|newsletter|sign up|confirmation)\b/;

/** Whether a sentence asks how to reach the business, and by what. Pure. */
export function findContactAsk(text: string): ContactAsk | undefined {
  const lower = text.toLowerCase();
  if (NOT_CONTACT.test(lower)) return undefined;
  const field = BY_FIELD.find(([, pattern]) => pattern.test(lower))?.[0];
  return field === undefined ? undefined : { kind: 'contact', text, field };
}
