import { CHUNK_ID_BITS, type Database } from './database.ts';
import { type AttributeFilter, toCondition } from './filters.ts';
import { STOP_WORDS } from './stop-words.ts';
import type { Meaning, Vectors } from './vectors.ts';
import { type Words, splitWords } from './words.ts';

export type Attributes = Record<string, string | number | boolean>;

export interface Passage {
  chunkId: number;
  fileId: string;
  filename: string;
  attributes: Attributes;
  heading: string;
  text: string;
  /** 0..1, see `fuse`. */
  score: number;
}

export interface SearchRequest {
  storeSeqs: number[];
  query: string;
  /** Of the query, from `readMeanings`; without one, words alone decide. */
  meaning?: Meaning | undefined;
  filter?: AttributeFilter | undefined;
  /** At most this many passages. */
  limit: number;
  /** Passages below this score are left out. */
  scoreThreshold?: number;
}

export interface Search {
  find(request: SearchRequest): Passage[];
  /** For `find`: what the queries mean, as far as that can be told in time. Never throws. */
  readMeanings: Vectors['readMeanings'];
  /** What each word of a query weighs in these stores: rare words much, common ones little. Keyed by stem. */
  weigh: (query: string) => Map<string, number>;
}

const QUERY_WORDS_MAX = 32;
const CANDIDATES_MIN = 50;
const HEADING_WEIGHT = 3;
const TEXT_WEIGHT = 1;
/** BM25's constants, as FTS5 has them. */
const K1 = 1.2;
const B = 0.75;
/** How much of the words' score is "which words are there" against "how strongly". */
const COVERAGE_SHARE = 0.3;
/** How much of the score is nearness of meaning; the rest is the words' score. */
const MEANING_SHARE = 0.4;
/** What the words' score counts for where the meaning doesn't add to it: names, numbers, other languages than English. */
const WORDS_ALONE_SHARE = 0.7;
/** Ranking costs a microsecond for each chunk that has a word: the rarest words are looked up first, to this many in all. */
const LOOKED_UP_MAX = 20_000;

interface QueryTerm {
  word: string;
  stem: string;
  documents: number;
  weight: number;
}

interface CandidateRow {
  id: number;
  file_id: string;
  filename: string;
  attributes: string;
  heading: string;
  text: string;
  words: number;
}

interface MarkedWords {
  id: number;
  heading: string;
  text: string;
}

interface Collection {
  chunks: number;
  words: number;
}

interface SearchOptions {
  database: Database;
  words: Words;
  vectors: Vectors;
}

/** Ranked search over the chunks of vector stores, by words and, where there are vectors, by meaning. */
export function createSearch({ database, words, vectors }: SearchOptions): Search {
  const readCollection = (): Collection =>
    database.get<Collection>(
      'SELECT coalesce(sum(chunk_count), 0) AS chunks, coalesce(sum(word_count), 0) AS words FROM vector_stores',
    ) ?? { chunks: 0, words: 0 };

  const toTerms = (query: string, collection: Collection): QueryTerm[] => {
    const all = splitWords(query.slice(0, 4_000));
    const telling = all.filter((word) => !STOP_WORDS.has(word));
    const chosen = telling.length > 0 ? telling : all;
    const stems = words.stemsOf(chosen);
    const wordOf = new Map(stems.map((stem, at) => [stem, chosen[at] ?? stem]));
    return [...wordOf].slice(0, QUERY_WORDS_MAX).map(([stem, word]) => {
      const row = database.get<{ doc: number }>('SELECT doc FROM chunk_terms WHERE term = ?', stem);
      const documents = row?.doc ?? 0;
      const weight = Math.log(1 + (Math.max(collection.chunks - documents, 0) + 0.5) / (documents + 0.5));
      return { word, stem, documents, weight };
    });
  };

  const findByWords = ({ storeSeqs, filter, limit }: SearchRequest, searched: QueryTerm[]): number[] => {
    if (searched.length === 0) return [];
    const condition = filter && toCondition(filter, 'attributes');
    return database
      .allOnce<{ id: number }>(
        rankedSql(candidatesOf(limit), condition?.sql),
        matchExpression(storeSeqs, searched),
        JSON.stringify(storeSeqs),
        ...(condition?.values ?? []),
      )
      .map(({ id }) => id);
  };

  const markWords = (ids: string, storeSeqs: number[], terms: QueryTerm[]): Map<number, MarkedWords> => {
    if (terms.length === 0) return new Map();
    const marked = database.all<MarkedWords>(MARKED_SQL, ids, matchExpression(storeSeqs, terms));
    return new Map(marked.map((row) => [row.id, row]));
  };

  return {
    readMeanings: vectors.readMeanings,
    weigh: (query) => new Map(toTerms(query, readCollection()).map(({ stem, weight }) => [stem, weight])),
    find: (request) => {
      const { storeSeqs, meaning, limit, scoreThreshold = 0 } = request;
      if (storeSeqs.length === 0) return [];
      const collection = readCollection();
      const terms = toTerms(request.query, collection);
      const count = candidatesOf(limit);
      const compared = meaning && vectors.compare(meaning, { storeSeqs, filter: request.filter, count });
      const ids = JSON.stringify([
        ...new Set([...findByWords(request, tellingTerms(terms)), ...(compared?.nearest ?? [])]),
      ]);
      const scoring = { terms, wordsAverage: collection.words / Math.max(collection.chunks, 1), words };
      const marked = markWords(ids, storeSeqs, terms);
      return database
        .all<CandidateRow>(CANDIDATES_SQL, ids)
        .map((row) => {
          const wordsScore = scoreWords(row, marked.get(row.id), scoring);
          return toPassage(row, compared ? fuse(wordsScore, compared.similarityOf(row.id) ?? 0) : wordsScore);
        })
        .filter(({ score }) => score > 0 && score >= scoreThreshold)
        .sort((a, b) => b.score - a.score || a.chunkId - b.chunkId)
        .slice(0, limit);
    },
  };
}

/**
 * The score that can be thresholded, from the words' score (0..1, `scoreWords`) and a cosine. The shares are those that ranked best
 * (docs/decisions/2026-11-24-ranking.md), and keep one threshold good for searches with and without embeddings.
 */
function fuse(wordsScore: number, similarity: number): number {
  const together = MEANING_SHARE * Math.max(similarity, 0) + (1 - MEANING_SHARE) * wordsScore;
  return Math.max(together, WORDS_ALONE_SHARE * wordsScore);
}

function candidatesOf(limit: number): number {
  return Math.max(CANDIDATES_MIN, limit * 2);
}

/** The words by which candidates are found; the commonest of a large collection only add to the score of what is found. */
function tellingTerms(terms: QueryTerm[]): QueryTerm[] {
  const chosen: QueryTerm[] = [];
  let lookedUp = 0;
  for (const term of terms.filter(({ documents }) => documents > 0).sort((a, b) => a.documents - b.documents)) {
    lookedUp += term.documents;
    if (chosen.length > 0 && lookedUp > LOOKED_UP_MAX) break;
    chosen.push(term);
  }
  return chosen;
}

/** Words are letters and digits only and stand in quotes, so nothing of a query is read as FTS5 syntax. */
function matchExpression(storeSeqs: number[], terms: QueryTerm[]): string {
  const stores = storeSeqs.map((seq) => `"s${seq}"`).join(' OR ');
  const words = terms.map(({ word }) => `"${word}"`).join(' OR ');
  return `store : (${stores}) AND {heading text} : (${words})`;
}

// Stores and filters narrow down before the limit; a chunk's rowid tells its store file, so no row of `chunks` is read for
// that. The first two values are named, so that the filter's own can follow.
function rankedSql(rows: number, filterSql = '1'): string {
  return `
    WITH asked AS (SELECT ?1 AS ranked, ?2 AS stores)
    SELECT rowid AS id FROM chunk_index
    WHERE chunk_index MATCH (SELECT ranked FROM asked)
      AND (rowid >> ${CHUNK_ID_BITS}) IN (
        SELECT seq FROM store_files
        WHERE store_seq IN (SELECT value FROM json_each((SELECT stores FROM asked))) AND status = 'completed' AND ${filterSql})
    ORDER BY bm25(chunk_index, 0, ${HEADING_WEIGHT}, ${TEXT_WEIGHT}) LIMIT ${rows}`;
}

// Marking (\x01 before, \x02 after a word that matched) costs more than ranking: only candidates are.
const MARKED_SQL = `
  WITH found AS MATERIALIZED (SELECT value AS id FROM json_each(?1))
  SELECT found.id, highlight(chunk_index, 1, char(1), char(2)) AS heading, highlight(chunk_index, 2, char(1), char(2)) AS text
  FROM found CROSS JOIN chunk_index ON chunk_index.rowid = found.id
  WHERE chunk_index MATCH ?2`;

const CANDIDATES_SQL = `
  SELECT c.id, c.heading, c.text, c.words, f.id AS file_id, f.filename, sf.attributes
  FROM json_each(?) AS found
  JOIN chunks AS c ON c.id = found.value
  JOIN store_files AS sf ON sf.seq = (c.id >> ${CHUNK_ID_BITS})
  JOIN files AS f ON f.seq = sf.file_seq`;

interface Scoring {
  terms: QueryTerm[];
  wordsAverage: number;
  words: Words;
}

/**
 * Three tenths the share of the query's weight whose words occur at all, seven tenths BM25's share of what it could reach with
 * every word occurring without end. 0 is nothing, 1 everything; a word unknown to all stores weighs most and keeps the score down.
 */
function scoreWords(
  row: CandidateRow,
  marked: MarkedWords | undefined,
  { terms, wordsAverage, words }: Scoring,
): number {
  if (!marked) return 0;
  const weights = new Map(terms.map(({ stem, weight }) => [stem, weight]));
  const weightSum = terms.reduce((sum, { weight }) => sum + weight, 0);
  const norm = 1 - B + (B * row.words) / Math.max(wordsAverage, 1);
  let coverage = 0;
  let strength = 0;
  for (const [stem, frequency] of countMatches(marked, words)) {
    const weight = weights.get(stem) ?? 0;
    coverage += weight;
    strength += (weight * frequency) / (frequency + K1 * norm);
  }
  return Math.min((COVERAGE_SHARE * coverage + (1 - COVERAGE_SHARE) * strength) / weightSum, 1);
}

function countMatches({ heading, text }: MarkedWords, words: Words): Map<string, number> {
  const frequencies = new Map<string, number>();
  const count = (marked: string, weight: number) => {
    for (const stem of words.stemsOf(markedWords(marked))) {
      frequencies.set(stem, (frequencies.get(stem) ?? 0) + weight);
    }
  };
  count(heading, HEADING_WEIGHT);
  count(text, TEXT_WEIGHT);
  return frequencies;
}

function markedWords(marked: string): string[] {
  // oxlint-disable-next-line no-control-regex -- the marks that MARKED_SQL asks for
  return [...marked.matchAll(/\u0001([^\u0002]*)\u0002/g)].flatMap((match) => splitWords(match[1] ?? ''));
}

function toPassage(row: CandidateRow, score: number): Passage {
  return {
    chunkId: row.id,
    fileId: row.file_id,
    filename: row.filename,
    attributes: JSON.parse(row.attributes) as Attributes,
    heading: row.heading,
    text: row.text,
    score,
  };
}

/** A passage as callers get it: its headings, then its words. */
export function passageText({ heading, text }: Passage): string {
  return heading ? `${heading}\n${text}` : text;
}
