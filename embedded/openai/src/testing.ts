import OpenAI, { toFile } from 'openai';
import type {
  Response as ModelResponse,
  ResponseInputItem,
  ResponseOutputItem,
} from 'openai/resources/responses/responses';
import type { Engine } from './engine.ts';

export const MODEL = 'embedded-extractive';
export const FAQS = `# Questions

## Do you have parking?

Yes, there is a free lot behind the shop. Enter from Oak Street.

## Can I bring my dog?

Dogs are welcome on the patio, not inside.

## Do you deliver?

We deliver within five miles for a fee of $6.
`;
export const BREADS = `# Bread

Sourdough is made with a starter that is twenty years old. It takes two days.

---

Rye contains caraway seeds and molasses. Jalapeño cheddar is baked on Fridays.
`;

export function clientOf(engine: Engine, apiKey = 'secret'): OpenAI {
  return new OpenAI({ apiKey, baseURL: 'http://engine.local/v1', maxRetries: 0, fetch: engine.fetch });
}

export async function upload(client: OpenAI, name: string, text: string): Promise<string> {
  const file = await client.files.create({ file: await toFile(Buffer.from(text), name), purpose: 'assistants' });
  return file.id;
}

export async function aStore(client: OpenAI, texts: Record<string, string> = { 'faqs.md': FAQS, 'bread.md': BREADS }) {
  const store = await client.vectorStores.create({ name: 'shop' });
  const fileIds: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts)) {
    fileIds[name] = await upload(client, name, text);
    await client.vectorStores.files.create(store.id, { file_id: fileIds[name] });
  }
  return { id: store.id, fileIds };
}

export async function found(
  client: OpenAI,
  storeId: string,
  query: string,
  filters?: OpenAI.ComparisonFilter | OpenAI.CompoundFilter,
) {
  const page = await client.vectorStores.search(storeId, { query, ...(filters && { filters }) });
  return page.data;
}

export function fileSearch(storeId: string): OpenAI.Responses.FileSearchTool {
  return { type: 'file_search', vector_store_ids: [storeId] };
}

export function strictFunction(name: string, properties: Record<string, unknown>): OpenAI.Responses.FunctionTool {
  const parameters = { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
  return { type: 'function', name, parameters, strict: true };
}

export const nullable = (type: string) => ({ type: [type, 'null'] });
export const openingHours = strictFunction('opening_hours', { date: nullable('string'), location: nullable('string') });
export const findProducts = strictFunction('find_products', {
  query: nullable('string'),
  category: nullable('string'),
  maxPrice: nullable('number'),
  minPrice: nullable('number'),
  inStockOnly: nullable('boolean'),
  sort: { anyOf: [{ type: 'string', enum: ['relevance', 'price_asc', 'price_desc'] }, { type: 'null' }] },
});
export const requestHuman = strictFunction('request_human', {
  name: nullable('string'),
  email: nullable('string'),
  phone: nullable('string'),
  reason: { type: 'string' },
});
export const FUNCTIONS = [openingHours, findProducts, requestHuman];
export const TUESDAY = 'Local date and time: Tuesday, 2026-11-24 14:05 (America/Los_Angeles)';

export function calls(response: ModelResponse) {
  return response.output
    .filter((item) => item.type === 'function_call')
    .map((item) => ({ name: item.name, arguments: JSON.parse(item.arguments) as Record<string, unknown> }));
}

export function ask(client: OpenAI, question: string, tools: OpenAI.Responses.Tool[]) {
  return client.responses.create({
    model: MODEL,
    store: false,
    tools,
    input: [
      { role: 'developer', content: TUESDAY },
      { role: 'user', content: question },
    ],
  });
}

/** A response's items as input for the next request; the SDK's two types differ in items that the engine doesn't make. */
export function resend(output: ResponseOutputItem[]): ResponseInputItem[] {
  return output as ResponseInputItem[];
}
