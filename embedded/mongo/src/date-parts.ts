import { evalExpr } from 'mingo/core';
import {
  $dayOfMonth,
  $dayOfWeek,
  $dayOfYear,
  $hour,
  $isoDayOfWeek,
  $isoWeek,
  $isoWeekYear,
  $millisecond,
  $minute,
  $month,
  $second,
  $week,
  $year,
} from 'mingo/operators/expression';
import { isDocument } from './document.ts';

const parts = {
  $dayOfMonth, $dayOfWeek, $dayOfYear, $hour, $isoDayOfWeek, $isoWeek, $isoWeekYear, $millisecond, $minute, $month, $second, $week,
  $year,
}; // prettier-ignore

/** The expressions that give a part of a date: of null, or of what is missing, it is null. mingo's fail there. */
export const datePartExpressions = Object.fromEntries(
  Object.entries(parts).map(([name, ofDate]) => {
    const expression: typeof ofDate = (document, operand, options) => {
      const value = evalExpr(document, operand, options);
      const date = isDocument(value) ? value['date'] : value;
      return date === null || date === undefined ? (null as never) : ofDate(document, operand, options);
    };
    return [name, expression];
  }),
);
