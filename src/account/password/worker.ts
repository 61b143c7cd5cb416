import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { limits } from '../../limits.ts';

/** Costs of a new hash: 32 MiB and some tenths of a second. Those of an old one stand in it. */
const costs = { log2N: 15, r: 8, p: 3 };

/** A password's hash: `scrypt$15$8$3$salt$hash`. Throws AppError where it is too short or too long, or too many wait. */
export async function hashPassword(password: string): Promise<string> {
  refuseUnfit(password);
  const salt = randomBytes(16);
  const { log2N, r, p } = costs;
  return `scrypt$${log2N}$${r}$${p}$${salt.toString('base64url')}$${(await derive(password, salt, costs)).toString('base64url')}`;
}

/** Whether a password is the one of this hash. Null, an account without one or no account, takes as long and is never it. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [, log2N, r, p, salt = '', hash = ''] = (stored ?? nobodys).split('$');
  const expected = Buffer.from(hash, 'base64url');
  const shown = password.length > limits.passwordCharsMax ? '' : password;
  const found = await derive(shown, Buffer.from(salt, 'base64url'), {
    log2N: Number(log2N),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(found, expected) && stored !== null && shown === password;
}

/** Of no password at all. */
const nobodys = `scrypt$${costs.log2N}$${costs.r}$${costs.p}$${randomBytes(16).toString('base64url')}$${randomBytes(32).toString('base64url')}`;

function refuseUnfit(password: string): void {
  if (password.length < limits.passwordCharsMin) {
    throw new AppError(
      'unprocessable',
      `A password has at least ${limits.passwordCharsMin} characters; this one has ${password.length}.`,
      { help: 'Some words in a row are easily remembered; or use a passkey.' },
    );
  }
  if (password.length > limits.passwordCharsMax) {
    throw new AppError('unprocessable', `A password has at most ${limits.passwordCharsMax} characters.`);
  }
}

let underWay = 0;
const waiting: (() => void)[] = [];

/** Few at once: each takes a thread of those that files and names are looked up with, and its memory. */
async function derive(password: string, salt: Buffer, cost: typeof costs): Promise<Buffer> {
  if (underWay >= limits.passwordHashesMax) {
    if (waiting.length >= limits.passwordHashesWaitingMax) {
      throw new AppError('unavailable', 'Too many are signing in at this moment.', {
        help: 'Try again in some seconds.',
      });
    }
    // The place is handed over, so nobody who comes meanwhile takes it.
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    underWay += 1;
  }
  try {
    return await new Promise((resolve, reject) => {
      const { log2N, r, p } = cost;
      const options = { N: 2 ** log2N, r, p, maxmem: 256 * 2 ** 20 };
      scrypt(password.normalize('NFKC'), salt, 32, options, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  } finally {
    const next = waiting.shift();
    if (next === undefined) underWay -= 1;
    else next();
  }
}
