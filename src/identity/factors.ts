import { randomUUIDv7 } from "node:crypto";
import type { Db } from "../platform/db.ts";

/** Strongest first: that is the order in which they are offered. */
export const factorKinds = ["passkey", "totp", "sms", "email"] as const;
export type FactorKind = (typeof factorKinds)[number];

export type Factor = { id: string; kind: FactorKind; label: string; addedAt: Date };

/** The names of the kinds on the screen. */
export const factorNames: Record<FactorKind, string> = {
  passkey: "Passkey",
  totp: "Authenticator app",
  sms: "Code by text message",
  email: "Code by e-mail",
};

/** A person's second factors, strongest first. */
export async function factorsOf(db: Db, userId: string): Promise<Factor[]> {
  const factors: Factor[] = await db("second_factors")
    .where({ user_id: userId })
    .orderBy("added_at")
    .select("id", "kind", "label", "added_at as addedAt");
  return factors.sort((a, b) => factorKinds.indexOf(a.kind) - factorKinds.indexOf(b.kind));
}

/** Adds a factor that has just been proved to work. */
export async function addFactor(
  db: Db,
  factor: {
    userId: string;
    kind: FactorKind;
    label: string;
    at: Date;
    id?: string;
    secretSealed?: Buffer;
    lastStep?: number;
    passkey?: { credentialId: string; publicKey: Buffer; uses: number };
  },
): Promise<string> {
  const id = factor.id ?? randomUUIDv7();
  await db("second_factors").insert({
    id,
    user_id: factor.userId,
    kind: factor.kind,
    label: factor.label,
    added_at: factor.at,
    ...(factor.secretSealed && { secret_sealed: factor.secretSealed, last_step: factor.lastStep ?? 0 }),
    ...(factor.passkey && {
      credential_id: factor.passkey.credentialId,
      public_key: factor.passkey.publicKey,
      uses: factor.passkey.uses,
    }),
  });
  return id;
}
