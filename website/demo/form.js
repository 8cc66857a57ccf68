import { ProblemError } from '../widget/api.js';
import { createElement, getElement, sayError } from './dom.js';
import { capitalise } from './open-line.js';

/** @typedef {import('../widget/protocol.d.ts').FieldError} FieldError */

const SAVED_SHOWN_MS = 4000;
const CONTROLS = 'input, textarea, select';

/**
 * A form whose fields are saved together. What the API refuses is said at the field whose `data-path` it names, the rest beside
 * the button.
 * @param {HTMLFormElement} form
 * @param {() => Promise<void>} save
 */
export function createForm(form, save) {
  const state = getElement(form, '.form-state', HTMLElement);
  let isSaving = false;

  /**
   * @param {'' | 'saving' | 'saved' | 'failed'} name
   * @param {string} words
   */
  function setState(name, words) {
    state.dataset['state'] = name;
    state.textContent = words;
  }

  async function submit() {
    isSaving = true;
    clearProblems(form);
    setState('saving', 'Saving…');
    try {
      await save();
      setState('saved', 'Saved');
      setTimeout(() => state.dataset['state'] === 'saved' && setState('', ''), SAVED_SHOWN_MS);
    } catch (error) {
      setState('failed', `Not saved${sayRefusal(form, error)}`);
    } finally {
      isSaving = false;
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!isSaving) void submit();
  });
}

/**
 * Shows each problem at its field; gives the words for what has none.
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
function sayRefusal(form, error) {
  if (!(error instanceof ProblemError)) return `: ${sayError(error)}`;
  const homeless = error.fields.filter((problem) => !showProblem(form, problem));
  const invalid = form.querySelector('[aria-invalid=true]');
  invalid?.closest('details')?.setAttribute('open', '');
  if (invalid instanceof HTMLElement) invalid.focus();
  if (error.fields.length === 0) return `: ${error.message}`;
  return homeless.length === 0 ? '' : `: ${homeless.map(({ path, message }) => `${path} ${message}`).join('; ')}`;
}

/**
 * @param {HTMLFormElement} form
 * @param {FieldError} problem
 * @returns {boolean} whether the form has its field
 */
function showProblem(form, { path, message }) {
  const place = findPlace(form, path);
  if (place === undefined) return false;
  const field = place.closest('.field') ?? place;
  const words = fieldProblem(field);
  words.textContent ||= capitalise(message.replace(/^: /, '')); // one at a time is enough
  for (const control of place.matches(CONTROLS) ? [place] : place.querySelectorAll(CONTROLS)) {
    control.ariaInvalid = 'true';
    control.setAttribute('aria-describedby', words.id);
  }
  return true;
}

/**
 * The innermost element of a path such as `weekly.mon[0].close`.
 * @param {HTMLFormElement} form
 * @param {string} path
 */
function findPlace(form, path) {
  const places = /** @type {HTMLElement[]} */ ([...form.querySelectorAll('[data-path]')]);
  const isPart = (/** @type {string} */ of) => path === of || path.startsWith(`${of}.`) || path.startsWith(`${of}[`);
  return places
    .filter(({ dataset }) => isPart(dataset['path'] ?? ''))
    .toSorted((a, b) => (b.dataset['path'] ?? '').length - (a.dataset['path'] ?? '').length)[0];
}

let problems = 0;

/** @param {Element} field */
function fieldProblem(field) {
  const known = field.querySelector(':scope > .field-problem');
  if (known !== null) return known;
  const words = createElement('p', 'field-problem');
  words.id = `problem-${(problems += 1)}`;
  field.append(words);
  return words;
}

/** @param {HTMLFormElement} form */
function clearProblems(form) {
  for (const words of form.querySelectorAll('.field-problem')) words.remove();
  for (const control of form.querySelectorAll('[aria-invalid]')) {
    control.removeAttribute('aria-invalid');
    control.removeAttribute('aria-describedby');
  }
}
