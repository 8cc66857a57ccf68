import type { Account } from '../accounts/account.model.ts';
import { loadTemplate } from '../platform/templates.ts';

type InstructedAccount = Pick<Account, 'name' | 'persona'>;

const render = loadTemplate<{ account: InstructedAccount; warmth: string }>('assistant-instructions');

/** The assistant's instructions. Pure: the same business gives the same text, which keeps the model's prompt cache warm. */
export function renderInstructions(account: InstructedAccount): string {
  return render({
    account: { name: account.name, persona: account.persona },
    warmth: warmthInWords(account.persona.warmth),
  });
}

function warmthInWords(warmth: number): string {
  if (warmth < 0.34) return 'Be matter-of-fact and brief.';
  if (warmth < 0.67) return 'Be friendly and to the point.';
  return 'Be warm and welcoming, as somebody who is glad that the visitor came.';
}
