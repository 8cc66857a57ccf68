import { progress } from '@clack/prompts';

export interface ProgressBar {
  show(progress: { done: number; total: number }): void;
  /** @param how what stands there when it is over, such as "synced" */
  end(how: string): void;
}

/** A bar on a terminal; nothing elsewhere, where it would only litter a log. */
export function startBar(name: string, { isJson, unit }: { isJson: boolean; unit: string }): ProgressBar {
  if (isJson || !process.stderr.isTTY) return { show: () => {}, end: () => {} };
  const bar = progress({ output: process.stderr, max: 100 });
  let shown = 0;
  bar.start(name);
  return {
    show({ done, total }) {
      const percent = Math.round((100 * done) / total);
      bar.advance(percent - shown, `${name}: ${done} of ${total} ${unit}`);
      shown = percent;
    },
    end: (how) => bar.stop(`${name}: ${how}`),
  };
}
