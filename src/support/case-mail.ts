import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";

export type SupportParts = {
  db: Db;
  clock: Clock;
  vault: Vault;
  program: { name: string; phone: string; timeZone: string };
  publicUrl: string;
};

type Addressed = { id: string; number: number; subject: string; email: string; personId: string | null };

/** Tells the person of a case by e-mail; the page it links to is behind the log-in, or for a stranger behind the link. */
export async function mailAbout(
  trx: Trx,
  { clock, vault, publicUrl, program }: SupportParts,
  about: Addressed,
  text: string,
): Promise<void> {
  const path = about.personId ? `/support/cases/${about.id}` : letterPath(vault, about.id);
  await sendMessage(trx, clock.now(), {
    channel: "email",
    to: about.email,
    subject: `Case ${about.number}: ${about.subject}`,
    text: `${text}\n\nThe case, and where to answer: ${publicUrl}${path}\n\n${program.name} support, ${program.phone}`,
  });
}

/** The page of a stranger's case. The link is all that it takes, so nobody but this key can make one. */
const letterPath = (vault: Vault, caseId: string) => `/support/letters/${caseId}/${proofOf(vault, caseId)}`;

/** @throws Refused 404 when the link is not the one that was sent */
export function refuseFalseLetter(vault: Vault, given: { caseId: string; proof: string }): void {
  const [right, shown] = [Buffer.from(proofOf(vault, given.caseId)), Buffer.from(given.proof)];
  if (right.length !== shown.length || !timingSafeEqual(right, shown)) throw notFound();
}

const proofOf = (vault: Vault, caseId: string) => vault.digest("support letter", caseId).toString("base64url");
