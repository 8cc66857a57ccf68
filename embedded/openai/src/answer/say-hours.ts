import type { HoursAsk } from './hours-ask.ts';
import type { Language } from './language.ts';
import type { DayHours } from './structured.ts';

const LOCALE = { en: 'en-US', es: 'es-US' } as const;
const YES_NO = /^(and |so |but |hi,? |hey,? )*(are|is|do|will|can|could|would|may|you|open|still|estan)\b/i;
const CLOCK_TIME = /\b(at|by|before|after|until|till) \d{1,2}(:\d{2})?\b|\b\d{1,2} ?(am|pm)\b/i;

/** The hours of a day in a sentence, as an answer to the question. Pure. */
export function sayDayHours(hours: DayHours, ask: HoursAsk, today: Temporal.PlainDate, language: Language): string {
  const date = Temporal.PlainDate.from(hours.date);
  if (date.equals(today) && hours.openNow && language === 'en') return sayNow(hours, hours.openNow, ask);
  const day = sayDay(date, today, language);
  const note = hours.note ? ` (${hours.note})` : '';
  const lead = sayLead(ask.text, hours.closed, language);
  if (hours.closed)
    return sentence(lead, language === 'en' ? `${day} we're closed${note}` : `${day} estamos cerrados${note}`);
  const periods = sayPeriods(hours.periods, language);
  return sentence(lead, language === 'en' ? `${day} we're open ${periods}${note}` : `${day} abrimos ${periods}${note}`);
}

/** "open until 3 pm" is told as it stands, then the day's hours. */
function sayNow({ closed, periods, note }: DayHours, openNow: string, { text, scope }: HoursAsk): string {
  const isOpen = /^open\b/.test(openNow);
  const now = `we're ${openNow.replace('; opens ', '; we open ')}`;
  const lead = sayLead(text, !isOpen, 'en');
  const day =
    closed || scope === 'now' ? '' : ` Today's hours are ${sayPeriods(periods, 'en')}${note ? ` (${note})` : ''}.`;
  return `${sentence(lead, now)}${day}`;
}

/** "Yes" and "No" only where that is asked, and not about an hour of the day, which would take reckoning. */
function sayLead(text: string, isClosed: boolean, language: Language): string {
  if (!YES_NO.test(text) || CLOCK_TIME.test(text) || /\b(when|what|hours)\b/i.test(text)) return '';
  const isYes = /\bclosed\b/i.test(text) ? isClosed : !isClosed;
  return isYes ? (language === 'en' ? 'Yes, ' : 'Sí, ') : 'No, ';
}

function sayDay(date: Temporal.PlainDate, today: Temporal.PlainDate, language: Language): string {
  const said = date
    .toLocaleString(LOCALE[language], { weekday: 'long', month: 'long', day: 'numeric' })
    .replace(',', language === 'es' ? '' : ',');
  const days = today.until(date).days;
  if (language === 'es') return days === 1 ? `mañana, ${said},` : days === 0 ? 'hoy' : `el ${said}`;
  if (days === 0) return 'today';
  return days === 1 ? `tomorrow, ${said},` : `on ${said},`;
}

function sayPeriods(periods: DayHours['periods'], language: Language): string {
  const [from, to, and] = language === 'en' ? ['', 'to', 'and'] : ['de ', 'a', 'y'];
  const said = periods.map(({ open, close }) => `${from}${sayTime(open, language)} ${to} ${sayTime(close, language)}`);
  return said.length < 2 ? said.join('') : `${said.slice(0, -1).join(', ')} ${and} ${said.at(-1)}`;
}

/** "7 am", "2:30 pm", "noon" for HH:MM. */
function sayTime(time: string, language: Language): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  if (minute === 0 && hour % 12 === 0) {
    if (language === 'es') return hour === 12 ? 'mediodía' : 'medianoche';
    return hour === 12 ? 'noon' : 'midnight';
  }
  return `${hour % 12 || 12}${minute === 0 ? '' : `:${String(minute).padStart(2, '0')}`} ${hour % 24 < 12 ? 'am' : 'pm'}`;
}

function sentence(lead: string, words: string): string {
  const whole = `${lead}${words}`;
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}.`;
}
