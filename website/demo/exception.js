import { createButton, createElement } from './dom.js';
import { createPeriods } from './periods.js';

/**
 * @typedef {import('./periods.js').Period} Period
 * @typedef {{ date: string, closed?: true, periods?: readonly Period[], note?: string }} Exception
 */

/**
 * A date that differs from its weekday: a line that opens to be edited.
 * @param {Exception} exception
 * @param {() => void} onRemoved
 */
export function createException({ date, periods = [], note = '' }, onRemoved) {
  const dateField = createField('Date', 'date', date);
  const noteField = createField('Why (visitors are told)', 'text', note);
  noteField.input.maxLength = 200;
  const hours = createPeriods('this date', periods);
  const summary = createElement('summary', '');
  const removeButton = createButton('button button-quiet', 'Remove this date', remove);
  const fields = createElement('div', 'fields', dateField.element, hours.element, noteField.element, removeButton);
  const details = createElement('details', 'field', summary, fields);
  const element = createElement('li', 'exception', details);

  /**
   * @param {string} [path]
   * @returns {Exception}
   */
  function read(path = '') {
    details.dataset['path'] = path;
    dateField.input.dataset['path'] = `${path}.date`;
    noteField.input.dataset['path'] = `${path}.note`;
    const open = hours.read(`${path}.periods`);
    return {
      date: dateField.input.value,
      ...(open.length === 0 ? { closed: true } : { periods: open }),
      ...(noteField.input.value.trim() === '' ? {} : { note: noteField.input.value }),
    };
  }

  function summarise() {
    const { date, periods = [], note } = read();
    const open = periods.map(({ open, close }) => `${sayTime(open)} to ${sayTime(close)}`).join(', ');
    summary.replaceChildren(
      createElement('span', 'exception-date', date === '' ? 'A new date' : sayDate(date)),
      createElement('span', 'exception-hours', open === '' ? 'closed' : open),
      ...(note === undefined ? [] : [createElement('span', 'exception-note', note)]),
    );
  }

  function remove() {
    element.remove();
    onRemoved();
  }

  details.addEventListener('input', summarise);
  summarise();
  return {
    element,
    read,

    edit() {
      details.open = true;
      dateField.input.focus();
    },
  };
}

/**
 * @param {string} words
 * @param {string} type
 * @param {string} value
 */
function createField(words, type, value) {
  const input = createElement('input', '');
  input.type = type;
  input.value = value;
  return { input, element: createElement('div', 'field', createElement('label', '', words, input)) };
}

/** @param {string} date */
function sayDate(date) {
  const options = /** @type {const} */ ({ weekday: 'short', month: 'short', day: 'numeric', year: 'numeric' });
  return new Date(`${date}T12:00Z`).toLocaleDateString('en-US', { ...options, timeZone: 'UTC' });
}

/**
 * `7:30 am`.
 * @param {string} time
 */
function sayTime(time) {
  const [hours = NaN, minutes = NaN] = time.split(':').map(Number);
  if (Number.isNaN(minutes)) return '…';
  const past = minutes === 0 ? '' : `:${String(minutes).padStart(2, '0')}`;
  return `${hours % 12 || 12}${past} ${hours % 24 < 12 ? 'am' : 'pm'}`;
}
