import { type Browser, chromium, type Page, type ViewportSize } from 'playwright-core';

/** Chromium, with everything off by which it would talk to its maker. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A visit of its own (storage, window), and what went wrong during it. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** What the console said as an error, and what the page threw. */
  readonly errors: string[];
  /** Hosts that were asked for anything. */
  readonly hosts: Set<string>;
}

export async function openVisit(
  browser: Browser,
  options: { viewport?: ViewportSize; colorScheme?: 'light' | 'dark' } = {},
): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:') hosts.add(url.host);
  });
  return { page, errors, hosts, [Symbol.asyncDispose]: () => context.close() };
}
