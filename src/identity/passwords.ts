import argon2 from "argon2";

/** OWASP's least for argon2id: 19 MiB, two passes, one lane. Tests hand in a cheaper one. */
export type HashCost = { memoryCost: number; timeCost: number; parallelism: number };
export const standardCost: HashCost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Passwords are hashed at most two at a time: each hash fills a core, and pages need the threads too. */
export type Passwords = ReturnType<typeof openPasswords>;

/**
 * Hashing and checking of passwords at a given cost.
 * @param pepper a key kept outside the database, without which its hashes are worth nothing
 */
export function openPasswords(cost: HashCost = standardCost, pepper?: Buffer) {
  const inTurn = atMost(2);
  const secret = pepper && { secret: pepper };
  const hash = (password: string) => inTurn(() => argon2.hash(password.normalize("NFC"), { ...cost, ...secret }));
  // Compared with when there is no such User ID, so that the answer takes as long as for one that exists.
  const nobody = hash("the password of nobody at all");

  return {
    hash,
    /** Whether the password is the one hashed; a missing hash takes the same time and is never right. */
    async matches(password: string, hashed: string | undefined): Promise<boolean> {
      const kept = hashed ?? (await nobody);
      return (await inTurn(() => argon2.verify(kept, password.normalize("NFC"), secret))) && hashed !== undefined;
    },
    /** Whether the hash was made at another cost than today's, so that it is made again at the next log-in. */
    isOutdated: (hashed: string) => argon2.needsRehash(hashed, cost),
  };
}

function atMost(limit: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    if (running >= limit) await new Promise<void>((turn) => waiting.push(turn));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
