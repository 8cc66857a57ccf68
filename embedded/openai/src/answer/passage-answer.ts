import type { Passage } from '../search.ts';
import {
  type Asked,
  createScorer,
  headingFit,
  highest,
  isAbout,
  isQuestionHeading,
  lastHeading,
  wholeOf,
  worthOf,
} from './passage-fit.ts';
import { quote, type Quote } from './passage-quote.ts';

export interface PassageAnswer extends Quote {
  passage: Passage;
  /** How much of the question the passage's own question asks, 0..1; 0 where it has none. */
  headingFit: number;
  /** How much of what the question names is in the passage, 0..1. */
  coverage: number;
  /** In whose words it was found. */
  asked: string;
  /** The question whose answer it is, if it is one. */
  question: string;
}

/** One or two sentences of the best passage that answer the question; undefined where no passage is about it. Pure. */
export function answerFromPassages(passages: Passage[], asked: Asked): PassageAnswer | undefined {
  const scorer = createScorer(asked);
  const able = passages.filter((passage) => isAbout(passage, asked.text, scorer));
  const best = highest(able, (passage) => worthOf(passage, asked.text, scorer));
  const quoted = best && quote(best, asked, scorer);
  if (!best || !quoted?.text) return undefined;
  const heading = lastHeading(best);
  return {
    ...quoted,
    passage: best,
    headingFit: headingFit(best, scorer),
    coverage: scorer.coverage(wholeOf(best)),
    asked: asked.text,
    question: isQuestionHeading(heading) ? heading : '',
  };
}
