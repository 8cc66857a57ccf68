import { encodeWithRaw } from '../document.ts';
import type { Engine } from '../engine.ts';
import { ReaderNeededError } from '../reader.ts';
import { encodeLegacyReply, encodeMessage, parseMessage } from '../wire.ts';
import { answerCommand, answerError } from './dispatch.ts';

/**
 * The reply to a message, both as they travel; undefined where none is expected.
 * @throws MalformedMessageError
 */
export async function replyTo(engine: Engine, message: Buffer): Promise<Uint8Array | undefined> {
  const received = parseMessage(message);
  const encode = received.isLegacy ? encodeLegacyReply : encodeMessage;
  let reply: Uint8Array;
  try {
    reply = encode(encodeWithRaw(await answerCommand(engine, received)), received.requestId);
  } catch (error) {
    if (!(error instanceof ReaderNeededError) || engine.reader === undefined) throw error;
    reply = await engine.reader
      .answer(message)
      .catch((lost: unknown) => encode(encodeWithRaw(answerError(lost)), received.requestId));
  }
  return received.expectsAnswer ? reply : undefined;
}
