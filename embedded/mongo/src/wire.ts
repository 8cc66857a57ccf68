/**
 * MongoDB's wire protocol: OP_MSG, and OP_QUERY for the handshake of drivers that don't know yet what the server speaks.
 * Source: https://github.com/mongodb/specifications/blob/master/source/message/OP_MSG.md
 */

export const messageBytesMax = 48_000_000;

const headerBytes = 16;
const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;

const checksumPresent = 1 << 0;
const moreToCome = 1 << 1;
/** Bits a receiver must know; of the upper half it may ignore what it doesn't. */
const requiredBits = 0xffff;

/** The peer doesn't speak the protocol: its connection is closed. */
export class MalformedMessageError extends Error {}

export interface ReceivedCommand {
  requestId: number;
  /** BSON. */
  body: Uint8Array;
  /** Documents of kind 1 sections, raw, by field. */
  sequences: Record<string, Uint8Array[]>;
  /** Only OP_QUERY says it outside of the body. */
  db?: string;
  isLegacy: boolean;
  expectsAnswer: boolean;
}

/** Cuts a stream of bytes into messages. @returns what to call with each chunk. @throws MalformedMessageError */
export function createMessageSplitter(): (chunk: Uint8Array) => Buffer[] {
  let chunks: Uint8Array[] = [];
  let received = 0;
  return (chunk) => {
    chunks.push(chunk);
    received += chunk.length;
    const messages: Buffer[] = [];
    while (received >= 4) {
      const head = joined(4).readInt32LE(0);
      if (head < headerBytes || head > messageBytesMax) throw new MalformedMessageError(`message of ${head} bytes`);
      if (received < head) break;
      const all = joined(received);
      messages.push(all.subarray(0, head));
      chunks = [all.subarray(head)];
      received -= head;
    }
    return messages;
  };

  /** At least so many bytes from the start, in one piece. */
  function joined(bytes: number): Buffer {
    const [first] = chunks;
    if (first && first.length >= bytes) return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
    const all = Buffer.concat(chunks);
    chunks = [all];
    return all;
  }
}

/** @throws MalformedMessageError */
export function parseMessage(message: Buffer): ReceivedCommand {
  const requestId = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  try {
    if (opCode === opMsg) return parseOpMsg(message, requestId);
    if (opCode === opQuery) return parseOpQuery(message, requestId);
  } catch (error) {
    if (error instanceof MalformedMessageError) throw error;
    throw new MalformedMessageError('message ends too early', { cause: error });
  }
  throw new MalformedMessageError(`unknown opcode ${opCode}`);
}

function parseOpMsg(message: Buffer, requestId: number): ReceivedCommand {
  const flags = message.readUInt32LE(headerBytes);
  const unknown = flags & requiredBits & ~(checksumPresent | moreToCome);
  if (unknown !== 0) throw new MalformedMessageError(`unknown required flags ${unknown}`);
  const end = message.length - ((flags & checksumPresent) !== 0 ? 4 : 0);
  let body: Uint8Array | undefined;
  const sequences: Record<string, Uint8Array[]> = {};
  let at = headerBytes + 4;
  while (at < end) {
    const kind = message.readUInt8(at++);
    const size = message.readInt32LE(at);
    if (size < 5 || at + size > end) throw new MalformedMessageError('a section is larger than its message');
    const section = message.subarray(at, at + size);
    at += size;
    if (kind === 0) {
      if (body) throw new MalformedMessageError('two bodies');
      body = section;
    } else if (kind === 1) {
      const { name, documents } = parseSequence(section);
      sequences[name] = documents;
    } else throw new MalformedMessageError(`unknown section kind ${kind}`);
  }
  if (!body) throw new MalformedMessageError('no body');
  return { requestId, body, sequences, isLegacy: false, expectsAnswer: (flags & moreToCome) === 0 };
}

function parseSequence(section: Buffer): { name: string; documents: Uint8Array[] } {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd === -1) throw new MalformedMessageError('a sequence without a name');
  const documents: Uint8Array[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const size = section.readInt32LE(at);
    if (size < 5 || at + size > section.length)
      throw new MalformedMessageError('a document is larger than its section');
    documents.push(section.subarray(at, at + size));
    at += size;
  }
  return { name: section.toString('utf8', 4, nameEnd), documents };
}

function parseOpQuery(message: Buffer, requestId: number): ReceivedCommand {
  const nameStart = headerBytes + 4;
  const nameEnd = message.indexOf(0, nameStart);
  const namespace = message.toString('utf8', nameStart, nameEnd);
  const bodyStart = nameEnd + 9;
  const size = message.readInt32LE(bodyStart);
  if (nameEnd === -1 || !namespace.endsWith('.$cmd') || size < 5 || bodyStart + size > message.length) {
    throw new MalformedMessageError('OP_QUERY is only for commands');
  }
  const body = message.subarray(bodyStart, bodyStart + size);
  return { requestId, body, sequences: {}, db: namespace.slice(0, -5), isLegacy: true, expectsAnswer: true };
}

let lastRequestId = 0;

/** @param document BSON. @param responseTo 0 in a request of ours. */
export function encodeMessage(document: Uint8Array, responseTo: number): Buffer {
  const message = Buffer.allocUnsafe(headerBytes + 5 + document.length);
  writeHeader(message, opMsg, responseTo);
  message.writeUInt32LE(0, headerBytes);
  message.writeUInt8(0, headerBytes + 4);
  message.set(document, headerBytes + 5);
  return message;
}

export function encodeLegacyReply(document: Uint8Array, responseTo: number): Buffer {
  const message = Buffer.alloc(headerBytes + 20 + document.length);
  writeHeader(message, opReply, responseTo);
  const isAwaitCapable = 8;
  message.writeInt32LE(isAwaitCapable, headerBytes);
  message.writeInt32LE(1, headerBytes + 16);
  message.set(document, headerBytes + 20);
  return message;
}

function writeHeader(message: Buffer, opCode: number, responseTo: number) {
  lastRequestId = (lastRequestId + 1) & 0x7fffffff;
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(lastRequestId, 4);
  message.writeInt32LE(responseTo, 8);
  message.writeInt32LE(opCode, 12);
}
