import { getElement } from './dom.js';
import { createForm } from './form.js';

/**
 * How the assistant speaks.
 * @param {import('../widget/api.js').Api} api acting with the secret key
 * @param {HTMLFormElement} form
 * @param {(question: string) => void} onSaved gets a question whose answer was changed
 */
export async function startToneForm(api, form, onSaved) {
  const words = getElement(form, '#tone-words', HTMLTextAreaElement);
  const warmth = getElement(form, '#tone-warmth', HTMLInputElement);
  const greeting = getElement(form, '#tone-greeting', HTMLTextAreaElement);
  const output = getElement(form, 'output', HTMLOutputElement);
  const showWarmth = () => void (output.value = `${Math.round(100 * warmth.valueAsNumber)} %`);

  /** @type {{ persona: { tone: string, warmth: number, greeting: string } }} */
  const { persona } = await api.call('GET', '/v1/account');
  words.value = persona.tone;
  warmth.valueAsNumber = persona.warmth;
  greeting.value = persona.greeting;
  showWarmth();
  warmth.addEventListener('input', showWarmth);

  createForm(form, async () => {
    const said = { tone: words.value, warmth: warmth.valueAsNumber, greeting: greeting.value };
    await api.call('PATCH', '/v1/account', { body: { persona: said } });
    onSaved('Hello!');
  });
}
