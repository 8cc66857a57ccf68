import { getElement } from './dom.js';
import { createForm } from './form.js';

/** @typedef {{ street: string, city: string, region: string, postalCode: string, country: string }} Address */
/** @typedef {{ id: string, name: string, address: Address, phone: string | null, directions: string }} Place `GET /v1/locations` */

/**
 * Where the business is: its main place.
 * @param {import('../widget/api.js').Api} api acting with the secret key
 * @param {HTMLFormElement} form
 * @param {(question: string) => void} onSaved gets a question whose answer was changed
 */
export async function startPlaceForm(api, form, onSaved) {
  const field = (/** @type {string} */ path) =>
    /** @type {HTMLInputElement | HTMLTextAreaElement} */ (
      getElement(form, `[data-path="${path}"] :is(input, textarea)`, HTMLElement)
    );
  /** @type {{ data: readonly [Place, ...Place[]] }} */
  const { data } = await api.call('GET', '/v1/locations');
  let saved = data[0];

  const { name, address, phone, directions } = saved;
  const known = { name, phone: phone ?? '', directions };
  for (const [key, value] of Object.entries(known)) field(key).value = value;
  for (const [key, value] of Object.entries(address)) field(`address.${key}`).value = value;

  createForm(form, async () => {
    const body = {
      name: field('name').value,
      address: Object.fromEntries(Object.keys(address).map((key) => [key, field(`address.${key}`).value])),
      phone: field('phone').value.trim() === '' ? null : field('phone').value,
      directions: field('directions').value,
    };
    const before = saved;
    saved = await api.call('PATCH', `/v1/locations/${saved.id}`, { body });
    onSaved(questionAbout(before, saved));
  });
}

/**
 * @param {Place} before
 * @param {Place} after
 */
function questionAbout(before, after) {
  if (before.phone !== after.phone) return 'What is your phone number?';
  return before.directions === after.directions ? 'Where are you?' : 'How do I get there?';
}
