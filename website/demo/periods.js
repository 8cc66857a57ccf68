import { createButton, createElement } from './dom.js';

/** @typedef {{ open: string, close: string }} Period local wall-clock times such as `07:30` */

const USUAL = { open: '09:00', close: '17:00' };
const EMPTY = { open: '', close: '' };

/**
 * The periods of a day, to be edited; none is closed.
 * @param {string} day whose they are, for those who hear it
 * @param {readonly Period[]} periods
 */
export function createPeriods(day, periods) {
  const closed = createElement('span', 'closed', 'Closed');
  const addButton = createButton('icon-button', '+', add, `Add hours: ${day}`);
  const element = createElement('div', 'periods', closed);
  const rows = () => [...element.querySelectorAll('.period')];

  function showClosed() {
    closed.hidden = rows().length > 0;
  }

  /** @param {Period} period */
  function addRow({ open, close }) {
    const removeButton = createButton('icon-button', '×', remove, `Remove these hours: ${day}`);
    const fromField = timeField(`${day}, open from`, open);
    const row = createElement(
      'div',
      'period field',
      fromField,
      '–',
      timeField(`${day}, open until`, close),
      removeButton,
    );
    function remove() {
      row.remove();
      showClosed();
      addButton.focus();
      element.dispatchEvent(new Event('input', { bubbles: true }));
    }
    addButton.before(row);
    showClosed();
    return fromField;
  }

  function add() {
    addRow(rows().length === 0 ? USUAL : EMPTY).focus();
    element.dispatchEvent(new Event('input', { bubbles: true }));
  }

  element.append(addButton);
  for (const period of periods) addRow(period);

  return {
    element,

    /**
     * What is written now.
     * @param {string} path where the API has it: its problems find their fields by it
     * @returns {Period[]}
     */
    read(path) {
      return rows().map((row, index) => {
        const [open, close] = row.querySelectorAll('input');
        row.setAttribute('data-path', `${path}[${index}]`);
        open?.setAttribute('data-path', `${path}[${index}].open`);
        close?.setAttribute('data-path', `${path}[${index}].close`);
        return { open: open?.value ?? '', close: close?.value === '00:00' ? '24:00' : (close?.value ?? '') };
      });
    },
  };
}

/**
 * @param {string} label
 * @param {string} value
 */
function timeField(label, value) {
  const field = createElement('input', '');
  field.type = 'time';
  field.ariaLabel = label;
  field.value = value === '24:00' ? '00:00' : value; // the same moment; a time field ends at 23:59
  return field;
}
