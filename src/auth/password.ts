import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '../platform/errors.ts';

/** Argon2id, as OWASP's cheat sheet has it: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG_LENGTH = 32;
/** Two at once leave half of the thread pool to everybody else. */
const AT_ONCE_MAX = 2;
const WAITING_MAX = 50;

const derive = promisify(argon2);

export interface Passwords {
  /** @throws AppError `unavailable` while too many wait. */
  hash(password: string): Promise<string>;
  /** Without a hash (nobody has that address) it does the same work and says no. @throws AppError `unavailable`. */
  isRight(password: string, hash: string | undefined): Promise<boolean>;
}

/** Hashes passwords: a few at once, since each takes memory and a thread; some wait; the rest is told to come back. */
export function createPasswords(): Passwords {
  const take = createTurns();
  const nobodys = phcOf(randomBytes(16), randomBytes(TAG_LENGTH));

  async function hashWith(password: string, nonce: Buffer, cost = COST): Promise<Buffer> {
    using _turn = await take();
    // The same word typed on another keyboard is the same word (NIST SP 800-63B).
    return derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength: TAG_LENGTH, ...cost });
  }

  return {
    async hash(password) {
      const salt = randomBytes(16);
      return phcOf(salt, await hashWith(password, salt));
    },
    async isRight(password, hash) {
      const { cost, salt, tag } = readPhc(hash ?? nobodys);
      const isSame = timingSafeEqual(await hashWith(password, salt, cost), tag);
      return hash !== undefined && isSame;
    },
  };
}

/** Resolves when it is one's turn; disposing of it lets the next one in. */
function createTurns(): () => Promise<Disposable> {
  let running = 0;
  const waiting: (() => void)[] = [];
  const turn: Disposable = {
    [Symbol.dispose]() {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    },
  };
  return async () => {
    if (running < AT_ONCE_MAX) {
      running += 1;
      return turn;
    }
    if (waiting.length >= WAITING_MAX) {
      throw new AppError('unavailable', 'Too many people log in right now; try again in a few seconds', {
        retryAfterS: 5,
      });
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
    return turn;
  };
}

function phcOf(salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

/** The cost is read too, so that it can be raised for new passwords. */
function readPhc(text: string): { cost: typeof COST; salt: Buffer; tag: Buffer } {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(text);
  if (match === null) throw new Error('a password hash is not an argon2id PHC string');
  const [, memory, passes, parallelism, salt = '', tag = ''] = match;
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}
