import { countEdits, isSwapped } from './edit-distance.ts';

const CHAT_SPEAK: Record<string, string> = {
  r: 'are',
  u: 'you',
  ur: 'your',
  ya: 'you',
  yall: 'you',
  wat: 'what',
  wut: 'what',
  wht: 'what',
  hw: 'how',
  hwo: 'how',
  whats: "what's",
  wheres: "where's",
  whens: "when's",
  hows: "how's",
  whos: "who's",
  pls: 'please',
  plz: 'please',
  tmrw: 'tomorrow',
  tmr: 'tomorrow',
  tmw: 'tomorrow',
  tonite: 'tonight',
  wanna: 'want to',
  gonna: 'going to',
  gimme: 'give me',
  dont: "don't",
  cant: "can't",
  thru: 'through',
};

/** The words that the rules of `understand.ts` stand on; a slip in one of them would hide the whole question. */
const RULE_WORDS = `monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight weekend christmas
  thanksgiving what when where which have open close closed hours price prices much many cheapest cheaper expensive deliver
  delivery address phone email please thanks available location`.split(/\s+/);

/** A message with the short forms of chats written out and slips in the rules' own words mended; the rest as it is. Pure. */
export function normalize(text: string): string {
  return text.replaceAll('’', "'").replaceAll(/[\p{L}']+/gu, (word) => {
    const lower = word.toLowerCase();
    return (Object.hasOwn(CHAT_SPEAK, lower) ? CHAT_SPEAK[lower] : undefined) ?? mend(lower) ?? word;
  });
}

/** Swapped letters in any word, a letter too few or too many in a long one; an other letter makes too many real words. */
function mend(word: string): string | undefined {
  if (word.length < 4 || RULE_WORDS.includes(word)) return undefined;
  return RULE_WORDS.find(
    (known) =>
      isSwapped(word, known) ||
      (known.length >= 6 &&
        word.length >= 6 &&
        word.length !== known.length &&
        !word.startsWith(known) &&
        countEdits(word, known) === 1),
  );
}
