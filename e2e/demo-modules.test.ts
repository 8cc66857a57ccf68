import path from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { launchBrowser } from './browser.ts';
import { startDemoService } from './demo-service.ts';

interface Part {
  readonly type: string;
  readonly delta?: string;
}

const { readStream } = (await import(path.join(import.meta.dirname, '../clients/widget/api.js'))) as {
  readStream(body: ReadableStream<Uint8Array>, options?: { idleMs?: number }): AsyncGenerator<Part, void, undefined>;
};

function bodyOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

/** Cuts bytes at places; those behind the end cut nothing. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % bytes.length)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

test('a stream reads the same however its bytes are cut, with any line ends and comments between', async () => {
  const anyText = fc.string({ unit: 'grapheme', maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyText, { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat(2000), { maxLength: 30 }),
      async (deltas, lineEnd, places) => {
        const parts = deltas.map((delta) => ({ type: 'text-delta', delta }));
        const events = parts.map((part) =>
          ['id: t:1', `data: ${JSON.stringify(part)}`, '', ': still here', ''].join(lineEnd),
        );
        const bytes = new TextEncoder().encode([...events, `data: [DONE]${lineEnd}${lineEnd}`].join(lineEnd));

        expect(await Array.fromAsync(readStream(bodyOf(cut(bytes, places))))).toEqual(parts);
      },
    ),
    { numRuns: 300 },
  );
});

test('a stream that ends early, goes silent or holds no part is an error, after the parts that came', async () => {
  const first = new TextEncoder().encode('data: {"type":"start"}\n\n');
  const silent = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(first) });

  await expectBroken(readStream(bodyOf([first])), 'ended early');
  await expectBroken(readStream(silent, { idleMs: 5 }), 'went silent');
  await expectBroken(readStream(bodyOf([first, new TextEncoder().encode('data: {"type\n\n')])), 'no part');
});

async function expectBroken(parts: AsyncGenerator<Part>, message: string): Promise<void> {
  expect((await parts.next()).value).toEqual({ type: 'start' });
  await expect(parts.next()).rejects.toThrow(message);
}

test('an answer is rendered as text, lists, bold and links to the web, whatever it holds', async () => {
  await using service = await startDemoService();
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${service.url}/demo`);
    const render = (text: string) =>
      page.evaluate<string>(`import('/widget/dom.js').then(({ renderMarkdown }) => {
        const place = document.createElement('div');
        place.append(renderMarkdown(${JSON.stringify(text)}));
        return place.innerHTML.replaceAll(' target="_blank" rel="noopener noreferrer nofollow"', '');
      })`);

    expect(await render('We open **at 7 am**.\nBring\n\n1. one\n2. two')).toBe(
      '<p>We open <strong>at 7 am</strong>.<br>Bring</p><ol><li>one</li><li>two</li></ol>',
    );
    expect(await render('- *a*\n- **not closed yet')).toBe(
      '<ul><li>*a*</li><li><strong>not closed yet</strong></li></ul>',
    );
    expect(await render('[menu](https://a.example/x?y=1) or http://b.example/z.')).toBe(
      '<p><a href="https://a.example/x?y=1">menu</a> or <a href="http://b.example/z">http://b.example/z</a>.</p>',
    );
    expect(await render('<img src=x onerror=alert(1)> <b>b</b>')).toBe(
      '<p>&lt;img src=x onerror=alert(1)&gt; &lt;b&gt;b&lt;/b&gt;</p>',
    );
    for (const target of [
      'javascript:alert(1)',
      'JaVaScRiPt:x',
      'data:text/html,x',
      '/demo',
      'file:///etc',
      'blob:x',
      '//x',
    ]) {
      expect(await render(`[click](${target})`)).toBe(`<p>[click](${target})</p>`);
    }
  } finally {
    await browser.close();
  }
});
