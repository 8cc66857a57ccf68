/** What kind of fact a question is after. */
type Kind = 'duration' | 'frequency' | 'amount' | 'count' | 'weight' | 'size' | 'place' | 'person';

const KINDS: [Kind, RegExp][] = [
  ['duration', /\bhow (long|fast|quick(ly)?|soon)\b|\bhow many (minutes|hours|days|weeks|months|years)\b/i],
  ['frequency', /\bhow (often|frequently)\b|\bhow many times\b/i],
  ['amount', /\b(how much(?!.* (weigh|hold|carry|fit|last)\b)|prices?|priced|costs?|fees?|charge|rates?)\b/i],
  ['count', /\bhow many(?! (minutes|hours|days|weeks|months|years|times))\b/i],
  ['weight', /\b(how heavy|weighs?|weight)\b/i],
  ['size', /\bhow (big|large|tall|wide|high|thick|deep|small)\b|\b(what|which) size\b/i],
  ['place', /\bwhere\b/i],
  ['person', /\b(who|whose|whom)\b|\bnames? of (the|your)\b|'?s names?\b/i],
];
const UNIT = '(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|seasons?|weekends?|overnight)';
/** What a sentence has that tells it; "free" is an amount as well. */
const TOLD: Partial<Record<Kind, RegExp>> = {
  duration: new RegExp(
    `\\b${UNIT}\\b|\\b(?:mon|tues|wednes|thurs|fri|satur|sun)days\\b|\\bwhile you wait\\b|\\bthe same day\\b|\\bimmediately\\b`,
    'i',
  ),
  frequency: new RegExp(`\\b(?:once|twice|times|every|daily|weekly|monthly|yearly|each)\\b`, 'i'),
  amount:
    /[$€£]\s?\d|\d\s?(?:[€£]|dollars|euros?|usd|eur)|\b(?:free|no charge|without charge|included|on request|costs? nothing|half (?:the )?price|quote|estimate|depends?)\b/i,
  count:
    /(?<![$€£\d.])\d+(?![\d.]*(?:\s?%|:\d|\s?[ap]m\b))|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|dozen)\b/i,
  weight: /\d\s?(?:lbs?|pounds?|oz|ounces?|g|kg|grams?|tons?)\b/i,
  size: /\b(?:inch(?:es)?|ft|foot|feet|cm|mm|m|meters?|yards?|sizes?|gallons?|quarts?|acres?|square)\b|\d\s?[x×]\s?\d|\d["”]/i,
  // A name stands within its sentence: that a sentence begins with a capital says nothing.
  person: /(?<=[\p{Ll},;:]['’]?\s)(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|I\b)\p{Lu}\p{Ll}/u,
};

export function asksAmount(question: string): boolean {
  return kindsOf(question).includes('amount');
}

export function asksCount(question: string): boolean {
  return kindsOf(question).includes('count');
}

export function asksPerson(question: string): boolean {
  return kindsOf(question).includes('person');
}

/** Whether a text has what the question is after; undefined where no text can be told to lack it. Pure. */
export function tellsKind(question: string, text: string): boolean | undefined {
  const patterns = kindsOf(question).flatMap((kind) => TOLD[kind] ?? []);
  return patterns.length === 0 ? undefined : patterns.some((pattern) => pattern.test(text));
}

/** "How long does it take?" isn't "How often should I?", even about the same thing. Pure. */
export function isOtherKind(question: string, other: string): boolean {
  const [asked, others] = [kindsOf(question), kindsOf(other)];
  const isOpen = asked.length === 0 && !/^(?:and |so )?(?:what|which|why|when)\b/i.test(question);
  return others.length > 0 && !isOpen && !asked.some((kind) => others.includes(kind));
}

function kindsOf(question: string): Kind[] {
  return KINDS.filter(([, pattern]) => pattern.test(question)).map(([kind]) => kind);
}
