import type { Passage } from '../search.ts';
import { findDate } from './dates.ts';
import { stripMarkdown } from './sentences.ts';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const DAYS_ES = ['lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo'];
const DAY_LINE = new RegExp(`^(${DAYS.join('|')}): (.+)$`, 'i');
const SHOWN_MAX = 4;

export interface FoundHours {
  text: string;
  passage: Passage;
}

/** The week of the first passage that lists all of its days, like days together; undefined if there is none. Pure. */
export function findWeek(passages: Passage[], language: 'en' | 'es'): FoundHours | undefined {
  for (const passage of passages) {
    const days = passage.text.split('\n').flatMap((line) => {
      const [, day, hours] = DAY_LINE.exec(stripMarkdown(line)) ?? [];
      return day && hours ? [{ at: DAYS.indexOf(day.toLowerCase()), hours: hours.replace(/\.$/, '') }] : [];
    });
    if (days.length >= 5) return { text: sayWeek(days, language), passage };
  }
  return undefined;
}

function sayWeek(days: { at: number; hours: string }[], language: 'en' | 'es'): string {
  const runs: { from: number; to: number; hours: string }[] = [];
  for (const { at, hours } of days) {
    const last = runs.at(-1);
    if (last && last.hours === hours && last.to === at - 1) last.to = at;
    else runs.push({ from: at, to: at, hours });
  }
  const names = (language === 'es' ? DAYS_ES : DAYS).map((name) =>
    language === 'es' ? name : `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  );
  const said = runs.map(({ from, to, hours }) => {
    const join = to - from === 1 ? (language === 'es' ? ' y ' : ' and ') : language === 'es' ? ' a ' : ' to ';
    return `${names[from]}${to === from ? '' : `${join}${names[to]}`} ${language === 'es' ? inSpanish(hours) : hours}`;
  });
  return language === 'es' ? `Nuestro horario: ${said.join('; ')}.` : `Our hours: ${said.join('; ')}.`;
}

function inSpanish(hours: string): string {
  return hours
    .replaceAll(' to ', ' a ')
    .replaceAll(' and ', ' y ')
    .replaceAll('closed', 'cerrado')
    .replaceAll('noon', 'mediodía')
    .replaceAll('midnight', 'medianoche');
}

/** The coming days that a passage lists by their dates, the nearest few; undefined if there are none. Pure. */
export function findHolidays(passages: Passage[], today: Temporal.PlainDate): FoundHours | undefined {
  for (const passage of passages) {
    const lines = passage.text.split('\n').map(stripMarkdown);
    const coming = lines.filter((line) => {
      const [, words] = /^\w+day, (\w+ \d{1,2}, \d{4}): /.exec(line) ?? [];
      const year = Number(words?.slice(-4));
      const date = words === undefined ? undefined : findDate(words, today)?.date;
      return date?.year === year;
    });
    if (coming.length > 0)
      return { text: `Coming days that differ: ${coming.slice(0, SHOWN_MAX).join('; ')}.`, passage };
  }
  return undefined;
}
