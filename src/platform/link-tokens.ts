import { createHash, randomBytes } from "node:crypto";

/** What a mailed link carries to show whose it is: 256 bits, of which the database keeps the hash alone. */
export const newLinkToken = (): string => randomBytes(32).toString("base64url");

/** What the database knows of a link's token. */
export const linkTokenHash = (token: string): Buffer => createHash("sha256").update(token).digest();
