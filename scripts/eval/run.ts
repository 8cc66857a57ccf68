/** What an eval tells while it runs. */
export interface EvalRun {
  /** Between two questions it stops when this is aborted. */
  readonly signal: AbortSignal;
  onProgress(progress: { done: number; total: number }): void;
  /** A line, or a table, of the report for people. */
  print(text: string): void;
}
