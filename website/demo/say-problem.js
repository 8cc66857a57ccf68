import { ProblemError } from './api.js';
import { BrokenStreamError } from './read-stream.js';

/**
 * A failure in a visitor's words.
 * @param {unknown} error
 */
export function sayProblem(error) {
  if (error instanceof BrokenStreamError) return 'The connection broke off before the answer was complete.';
  if (!(error instanceof ProblemError)) return 'The assistant can’t be reached. Please check your connection.';
  const { status, retryAfterS } = error;
  const later = retryAfterS === undefined ? 'in a moment' : `in ${sayDuration(retryAfterS)}`;
  if (status === 429) return `That was a lot at once. Please try again ${later}.`;
  if (status === 503) return `The assistant is taking a short break. Please try again ${later}.`;
  if (status === 401 || status === 404) return 'This conversation has ended. Trying again starts a new one.';
  if (status === 403) return 'The assistant doesn’t answer on this page.';
  if (status === 413) return 'That message is too long.';
  if (status < 500) return `That message can’t be sent: ${error.message}`;
  return 'Something went wrong on our side. Please try again in a moment.';
}

/** @param {number} seconds */
function sayDuration(seconds) {
  if (seconds <= 1) return 'a second';
  if (seconds < 90) return `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}
