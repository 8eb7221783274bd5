import { countStranger } from "../identity/failures.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Refused } from "../platform/errors.ts";
import { linkTokenHash, newLinkToken } from "../platform/link-tokens.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";

export type EnrolParts = {
  db: Db;
  clock: Clock;
  vault: Vault;
  program: { name: string; phone: string };
  publicUrl: string;
};

const daysOfLink = 14;

/** A fresh link back to a registration, good for fourteen days; the links before it are dead. */
export async function newLink(trx: Trx, { clock, publicUrl }: EnrolParts, enrollmentId: string): Promise<string> {
  const token = newLinkToken();
  const expiresAt = new Date(clock.now().getTime() + daysOfLink * 86_400_000);
  await trx("enrollment_links").where({ enrollment_id: enrollmentId }).delete();
  await trx("enrollment_links").insert({
    token_hash: linkTokenHash(token),
    enrollment_id: enrollmentId,
    expires_at: expiresAt,
  });
  return `${publicUrl}/enroll/resume/${token}`;
}

/** Mails the owner a link back, in the transaction of what it tells. */
export async function mailLink(
  trx: Trx,
  parts: EnrolParts,
  enrollment: { id: string; reference: string; email: string },
  words: { subject: string; before: string },
): Promise<void> {
  const link = await newLink(trx, parts, enrollment.id);
  const after = `It works for ${daysOfLink} days. The reference is ${enrollment.reference}. If you know nothing of this, throw this message away, or call ${parts.program.phone}.`;
  const text = `${words.before}\n\n${link}\n\n${after}`;
  await sendMessage(trx, parts.clock.now(), { channel: "email", to: enrollment.email, subject: words.subject, text });
}

/** Which registration a link leads to; null when it is too old, or a newer one was sent. */
export async function findLink({ db, clock }: EnrolParts, token: string): Promise<string | null> {
  const link = await db("enrollment_links")
    .where({ token_hash: linkTokenHash(token) })
    .where("expires_at", ">", clock.now())
    .first("enrollment_id");
  return link?.enrollment_id ?? null;
}

/**
 * Mails links to the registrations of an address. The answer is the same whether it has any; an address gets no more
 * than five such mails an hour.
 * @throws Refused 429 when the asker asks too often
 */
export async function sendLinks(parts: EnrolParts, asked: { email: string; address: string }): Promise<void> {
  const { db, vault, program } = parts;
  await countStranger(db, vault, { use: "enrollment links asked", address: asked.address, most: 20, minutes: 60 });
  if (!(await mayBeMailed(parts, asked.email))) return;
  const found = await db("enrollments")
    .whereRaw("lower(email) = lower(?)", [asked.email])
    .orderBy("changed_at", "desc")
    .limit(3)
    .select("id", "reference", "email");
  for (const enrollment of found) {
    await db.transaction((trx) =>
      mailLink(trx, parts, enrollment, {
        subject: `Your registration with ${program.name}`,
        before: "Open this link to go on with the registration of your practice, or to see how it stands:",
      }),
    );
  }
}

/** Whether an address may be mailed once more, at a stranger's wish; counted. */
export async function mayBeMailed({ db, vault }: EnrolParts, email: string): Promise<boolean> {
  const asked = { use: "enrollment mail", address: email.toLowerCase().replaceAll(":", ";"), most: 5, minutes: 60 };
  return countStranger(db, vault, asked).then(
    () => true,
    (error) => {
      if (error instanceof Refused && error.status === 429) return false;
      throw error;
    },
  );
}
