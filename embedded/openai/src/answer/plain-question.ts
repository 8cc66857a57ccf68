const LEAD_IN =
  /^(?:(?:so|ok|okay|well|um|please|just)[,.!]?\s+)*(?:i(?:'m| am| was)? (?:just )?(?:wonder(?:ing)?|curious)|i(?:'d| would) (?:like|love) to (?:know|ask)|i (?:want|need|wanted) to (?:know|ask)|(?:can|could|would|will) (?:you|u|someone) (?:please )?tell me(?! (?:more|about|a |an |another ))|do you (?:happen to )?know|(?:please )?let me know|(?:just )?(?:wondering|curious|checking)|(?:i have a |a )?quick question|i have a question)\b[,:]?\s*(?:about |that )?/i;
const TAIL = /[,;.!?]*\s+(?:please help|help please|thanks in advance|thanks|thank you|thx|please|pls)[\s.!?]*$/i;

/** "if you sell helmets" is "do you sell helmets"; what is asked stands behind the "if". */
const INDIRECT: [RegExp, string][] = [
  [/^(?:if|whether) (?:you|u)(?: are|'re| guys are) /i, 'are you '],
  [/^(?:if|whether) (?:you|u)(?: guys)? (can|could|will|would|have|do) (?=\S+ )/i, '$1 you '],
  [/^(?:if|whether) (?:you|u)(?: guys)? /i, 'do you '],
  [/^(?:if|whether) there(?:'s| is| are) /i, 'is there '],
  [/^(?:if|whether) (i|we) (can|could|may|need) /i, '$2 $1 '],
  [/^(?:if|whether) /i, ''],
];

const DO_IT =
  '(?:book|make|order|schedule|reschedule|return|exchange|cancel|rent|reserve|join|register|sign up|place|set up|change|arrange)';
/** What people say in many words, and files in few. */
const SAID_SHORTER: [RegExp, string][] = [
  [
    new RegExp(
      `^i(?:'d| would)? (?:want|need|like|wish|love)(?: to)? (${DO_IT}\\b.*?)(?:[,;.]? (?:so )?how (?:do|does) (?:it|that|this)(?: all)? work)?[?.!]*$`,
      'i',
    ),
    'how do i $1?',
  ],
  [
    /^(?:hi,? )?(?:(?:i|we)(?:'d| would)? (?:want|like|need|wish|have some \S+) to|(?:can|could|may) (?:i|we)) sell(?: you)? (?=my |our |some |a |an |used |old )/i,
    'do you buy ',
  ],
  [/^(\S+ .*\S)[,;.!] (?:how (?:do|does) (?:it|that|this)(?: all)? work|what (?:do|should|can) i do)[?.!]*$/i, '$1?'],
  [
    /^(?:can|could|do|will|would) (?:you|u|someone|somebody)(?: guys)? (?:also )?(?:bring|send|drop|carry|take|get)\b(?!.*\b(?:someone|somebody|technician|crew)\b).*\b(?:to|at) (?:my|our|the customer'?s?) (?:house|home|place|door|doorstep|apartment|flat|office|work|address|hotel)\b.*$/i,
    'do you deliver?',
  ],
  [
    /\b(?:my|a|an|our) (?:1[0-7]|[1-9])[ -](?:year|yr|month)s?[ -]olds?(?: (?:son|daughter|kid|boy|girl|child))?(?=\s*(?:[?.!,]|$|(?:and|to|too|with|come|join|can|for|in|on|if)\b))/i,
    'a child',
  ],
];

/** A question without the words around it, as a file would ask it. Pure. */
export function toPlainQuestion(text: string): string {
  let plain = text.trim();
  const led = plain.replace(LEAD_IN, '');
  if (/\p{L}{2}/u.test(led)) plain = firstOf(INDIRECT, led);
  const cut = plain.replace(TAIL, (tail) => (tail.includes('?') ? '?' : ''));
  if (/\p{L}{3}.*\s\S/u.test(cut)) plain = cut;
  return SAID_SHORTER.reduce((said, [pattern, shorter]) => said.replace(pattern, shorter), plain);
}

function firstOf(rules: [RegExp, string][], text: string): string {
  const rule = rules.find(([pattern]) => pattern.test(text));
  return rule ? text.replace(...rule) : text;
}
