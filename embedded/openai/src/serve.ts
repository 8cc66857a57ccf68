import { parseArgs } from 'node:util';
import { openEngine } from './engine.ts';
import { EXTRACTIVE_MODEL } from './models.ts';
import { serveEngine } from './serve-engine.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    host: { type: 'string', default: '127.0.0.1' },
    path: { type: 'string', default: 'data/engine.sqlite' },
    'api-key': { type: 'string' },
  },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port must be 0 to 65535, not ${values.port}`);
  process.exit(2);
}

const { ENGINE_CHAT_URL: chatUrl, ENGINE_CHAT_MODEL: model, ENGINE_CHAT_KEY: chatKey } = process.env;
if (chatUrl && !model) {
  console.error('ENGINE_CHAT_MODEL must be set with ENGINE_CHAT_URL: the name of a model of that server');
  process.exit(2);
}
const writer = chatUrl && model ? { url: chatUrl, model, apiKey: chatKey || undefined } : undefined;
const apiKey = values['api-key'];
const engine = openEngine({ path: values.path, writer, ...(apiKey !== undefined && { apiKey }) });
const server = await serveEngine(engine, { port, host: values.host });
const answers = writer ? `${writer.model} at ${writer.url} writes` : `model ${EXTRACTIVE_MODEL}`;
console.log(`OpenAI-compatible engine at ${server.url} (${answers}, data in ${values.path})`);

const stop = async () => {
  await server.close();
  await engine.close();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
