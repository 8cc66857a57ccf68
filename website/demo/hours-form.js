import { createElement, getElement } from './dom.js';
import { createException } from './exception.js';
import { createForm } from './form.js';
import { createPeriods } from './periods.js';

/**
 * @typedef {import('./exception.js').Exception} Exception
 * @typedef {import('./periods.js').Period} Period
 * @typedef {{ timezone: string, weekly: Record<string, readonly Period[]>, exceptions: readonly Exception[] }} Hours
 */

const WEEKDAYS = new Map([
  ['mon', 'Monday'],
  ['tue', 'Tuesday'],
  ['wed', 'Wednesday'],
  ['thu', 'Thursday'],
  ['fri', 'Friday'],
  ['sat', 'Saturday'],
  ['sun', 'Sunday'],
]);

/**
 * Opening hours of each weekday, and the dates that differ.
 * @param {import('../widget/api.js').Api} api acting with the secret key
 * @param {HTMLFormElement} form
 * @param {(question: string) => void} onSaved gets a question whose answer was changed
 */
export async function startHoursForm(api, form, onSaved) {
  /** @type {Hours} */
  let saved = await api.call('GET', '/v1/hours');
  const days = [...WEEKDAYS].map(([key, name]) => ({
    key,
    periods: createPeriods(name, saved.weekly[key] ?? []),
    name,
  }));
  const dates = getElement(form, '.exceptions', HTMLElement);
  let exceptions = saved.exceptions.toSorted((a, b) => (a.date < b.date ? -1 : 1)).map(addException);

  /** @param {Exception} exception */
  function addException(exception) {
    const added = createException(exception, () => {
      exceptions = exceptions.filter((other) => other !== added);
      getElement(form, '.add-date', HTMLButtonElement).focus();
    });
    dates.append(added.element);
    return added;
  }

  function addDate() {
    const added = addException({ date: '', closed: true });
    exceptions.push(added);
    dates.prepend(added.element);
    added.edit();
  }

  /** @returns {Hours} */
  function read() {
    return {
      timezone: saved.timezone,
      weekly: Object.fromEntries(days.map(({ key, periods }) => [key, periods.read(`weekly.${key}`)])),
      exceptions: exceptions.map((exception, index) => exception.read(`exceptions[${index}]`)),
    };
  }

  getElement(form, '.zone', HTMLElement).textContent = saved.timezone;
  getElement(form, '.week', HTMLElement).append(
    ...days.map(({ name, periods }) => createElement('li', 'day', dayName(name), periods.element)),
  );
  getElement(form, '.add-date', HTMLButtonElement).addEventListener('click', addDate);
  createForm(form, async () => {
    const before = saved;
    saved = await api.call('PUT', '/v1/hours', { body: read() });
    onSaved(questionAbout(before, saved));
  });
}

/**
 * Short to the eye only.
 * @param {string} name
 */
function dayName(name) {
  const rest = createElement('span', 'visually-hidden', name.slice(3));
  return createElement('h4', 'day-name', name.slice(0, 3), rest);
}

/**
 * @param {Hours} before
 * @param {Hours} after
 */
function questionAbout(before, after) {
  const date = after.exceptions.find((exception) => !before.exceptions.some((other) => isSame(exception, other)))?.date;
  if (date !== undefined) return `Are you open on ${sayDate(date)}?`;
  const day = [...WEEKDAYS].find(([key]) => !isSame(before.weekly[key] ?? [], after.weekly[key] ?? []))?.[1];
  return day === undefined ? 'Are you open now?' : `When are you open on ${day}?`;
}

/** @param {string} date */
function sayDate(date) {
  return new Date(`${date}T12:00Z`).toLocaleDateString('en-US', { month: 'long', day: 'numeric', timeZone: 'UTC' });
}

/**
 * @param {unknown} a
 * @param {unknown} b
 */
function isSame(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
