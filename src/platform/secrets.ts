import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Encrypts fields and makes keyed digests; one per process, from `DATA_KEY`. */
export type Vault = ReturnType<typeof openVault>;

/** Separate keys for each use are derived from the one key, so that no use can be played against another. */
export function openVault(dataKey: Buffer) {
  const keyFor = (use: string) => Buffer.from(hkdfSync("sha256", dataKey, "", use, 32));
  const fieldKey = keyFor("fields");
  const digestKey = keyFor("digests");

  return {
    /** AES-256-GCM: 12 bytes of nonce, 16 of tag, then the text. `context` (table and row) must be given again to read. */
    seal(text: string, context: string): Buffer {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", fieldKey, nonce).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },

    /** Reads what `seal` wrote; throws when it was changed or belongs to another row. */
    open(sealed: Buffer, context: string): string {
      const decipher = createDecipheriv("aes-256-gcm", fieldKey, sealed.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(12, 28));
      return decipher.update(sealed.subarray(28), undefined, "utf8") + decipher.final("utf8");
    },

    /** A digest that only this key can make, to find or compare a secret without keeping it. */
    digest(use: string, text: string): Buffer {
      return createHmac("sha256", digestKey).update(`${use}\0${text}`).digest();
    },
  };
}
