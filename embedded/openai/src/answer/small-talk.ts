export interface SmallTalk {
  kind: 'greeting' | 'thanks' | 'goodbye' | 'identity' | 'off-topic';
  text: string;
}

const GREETING =
  /^(hi+|hello+|hey+|hiya|howdy|yo|hola|greetings|good (morning|afternoon|evening|day)|(what'?s|wats|was|wass?)[ -]?up|sup|whats good)( there| again| all| everyone| team)?\b[\s,.!?:-]*/i;
const THANKS =
  /^(many |ok(ay)?,? |great,? |perfect,? |awesome,? )?(thanks|thank you|thank u|thx|ty|cheers|gracias)\b[^?]{0,40}$/i;
const GOODBYE =
  /^(good ?bye|bye( bye)?|see (you|ya)( later| soon)?|have a (nice|good|great) (day|one|evening|weekend))\b[^?]{0,20}$/i;
const IDENTITY =
  /\b(are|r) (you|u) (a |an |just a |just an |really a |really an )?(real|actual|human|person|bot|robot|ai|machine|computer|chatbot|llm|chatgpt|gpt)\b|\b(am i|is this) (talking|speaking|chatting)?( to| with)?\s?(a |an )?(real |actual )?(human|person|bot|robot|ai|machine|chatbot)\b|\b(who|what) are (you|u)\s*\??$|\bwhat (model|ai) are you\b/i;
/** What no business answers from its files: orders to the machine, and works to be made on the spot. */
const OFF_TOPIC = [
  /\b(ignore|disregard|forget|override)\b.{0,30}\b(instructions?|prompts?|rules?|guidelines?)\b/i,
  /\b(system prompt|developer mode|jailbreak|your (instructions|prompt|rules|guidelines))\b/i,
  /\b(write|compose|make up|generate|create)\b (me )?(a |an |some )?(\w+ )?(poem|song|story|essay|code|script|joke|haiku|limerick|rap|letter|novel)\b/i,
  /\btell me (a |another )?(\w+ )?(joke|story|riddle|fun fact)\b/i,
  /\b(translate|summari[sz]e) (this|the following|that)\b/i,
  /\b(homework|horoscope|lottery|stock market|bitcoin|crypto)\b/i,
  /\b(capital|president|prime minister|population|king|queen) of [\p{L}]/iu,
  /^(who|what) is the (current )?(president|prime minister|pope|king|queen)\b/i,
  /^(what('s| is) )?\d+ ?[-+*/x×÷] ?\d+/i,
];

/** Nothing is asked yet, or nothing any more. */
const HELP =
  /^(help( me)?|i need (some )?help|(can|could) you help( me)?|i have a question|start|what can you (do|help( me)? with))[\s?.!]*$/i;
const HOW_ARE_YOU =
  /^(how (are|r) (you|u|ya)( all| guys)?( doing)?( today)?|how'?s it going|how do you do|nice to meet you)[\s?.!]*$/i;
const FINE =
  /^((ok(ay)?|cool|great|nice|perfect|awesome|wonderful|got it|good( to know)?|sounds good|alright|all right|no|nope|(that'?s )?(all|it))[\s,.!]*){1,3}$/i;

/** A greeting at a part's beginning, as long as it is; undefined if there is none. */
export function findGreeting(part: string): string | undefined {
  return GREETING.exec(part)?.[0];
}

export function findSmallTalk(text: string): SmallTalk | undefined {
  if (HELP.test(text) || HOW_ARE_YOU.test(text)) return { kind: 'greeting', text };
  if (THANKS.test(text) || FINE.test(text)) return { kind: 'thanks', text };
  if (GOODBYE.test(text)) return { kind: 'goodbye', text };
  if (IDENTITY.test(text)) return { kind: 'identity', text };
  return OFF_TOPIC.some((pattern) => pattern.test(text)) ? { kind: 'off-topic', text } : undefined;
}
