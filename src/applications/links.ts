import { randomUUIDv7 } from "node:crypto";
import { tryBirthday } from "../identity/try-birthday.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Language } from "../lib/language.ts";
import { audit, portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, Refused } from "../platform/errors.ts";
import { linkTokenHash } from "../platform/link-tokens.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";
import { locationsOf } from "../practices/queries.ts";
import { invitation } from "./notices.ts";

/** So long a patient may begin an application by a link. */
export const linkDays = 7;
const mostAnHour = 60;
const mostToOne = 5;

type Parts = { db: Db; clock: Clock; vault: Vault };
type Invitation = {
  id: string;
  location: string;
  channel: "email" | "sms";
  to: string;
  language: Language;
};

/** The token of a link. It can be made again, so that later letters carry the same link, and by nobody without the key. */
const tokenOf = (vault: Vault, linkId: string) => vault.digest("application link", linkId).toString("base64url");

/** The address of a patient's own application. */
export const linkAddress = ({ vault, publicUrl }: { vault: Vault; publicUrl: string }, linkId: string) =>
  `${publicUrl}/apply/${tokenOf(vault, linkId)}`;

/**
 * Sends a patient a link by which they apply themselves, within seven days. The form's key is its id: sent twice, it
 * is one message.
 * @throws Declined when the location is not the practice's, or too many were sent within an hour
 */
export async function inviteToApply(
  parts: Parts & { program: { name: string; phone: string }; publicUrl: string },
  viewer: PracticeViewer,
  { id, location, channel, to, language }: Invitation,
): Promise<void> {
  const { db, clock, vault, program } = parts;
  const locations = await locationsOf(db, viewer.practice.id);
  if (!locations.some((one) => one.id === location)) throw new Declined({ location: "Choose one of your locations" });
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + linkDays * 86_400_000);
  await db.transaction(async (trx) => {
    const added = await trx("application_links")
      .insert({
        id,
        application_id: randomUUIDv7(),
        practice_id: viewer.practice.id,
        location_id: location,
        sent_by: viewer.id,
        sent_at: now,
        sent_to: to,
        channel,
        language,
        token_hash: linkTokenHash(tokenOf(vault, id)),
        expires_at: expiresAt,
      })
      .onConflict("id")
      .ignore()
      .returning("id");
    if (!added.length) {
      const same = { id, practice_id: viewer.practice.id, location_id: location, sent_to: to, channel, language };
      if (await trx("application_links").where(same).first("id")) return;
      throw new Declined({ form: "This form has already sent another link. Begin a new one from Applications." });
    }
    await refuseTooMany(trx, { practiceId: viewer.practice.id, to }, now);
    const link = linkAddress(parts, id);
    const letter = invitation(program, language, { practice: viewer.practice.name, link, days: linkDays });
    await sendMessage(trx, now, { channel, to, ...letter, usefulUntil: expiresAt });
    await audit(trx, viewer.actor, { at: now, action: "application link sent", subjectId: id });
  });
}

async function refuseTooMany(trx: Trx, link: { practiceId: string; to: string }, now: Date): Promise<void> {
  const since = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
  const [of] = await trx("application_links")
    .where({ practice_id: link.practiceId })
    .where("sent_at", ">", since(24))
    .select(
      trx.raw("count(*) filter (where sent_at > ?)::int as hour", since(1)),
      trx.raw('count(*) filter (where sent_to = ?)::int as "sameTo"', link.to),
    );
  if (of.hour > mostAnHour)
    throw new Declined({ form: `Your practice has sent ${mostAnHour} links within an hour. Try again in a while.` });
  if (of.sameTo > mostToOne)
    throw new Declined({
      form: `${mostToOne} links went there within a day. Ask the patient to look for one of them.`,
    });
}

/** The links of a practice that may still be used, newest first; thirty at most. */
export function openLinks({ db, clock }: Parts, viewer: PracticeViewer) {
  return db("application_links as k")
    .leftJoin("applications as ap", "ap.link_id", "k.id")
    .where({ "k.practice_id": viewer.practice.id })
    .whereNull("ap.id")
    .where("k.expires_at", ">", clock.now())
    .orderBy([
      { column: "k.sent_at", order: "desc" },
      { column: "k.id", order: "desc" },
    ])
    .limit(30)
    .select("k.id", "k.sent_to as to", "k.channel", "k.sent_at as sentAt", "k.expires_at as expiresAt");
}

export type ApplicationLink = {
  id: string;
  /** Of the application that comes, or came, of it. */
  applicationId: string;
  practiceId: string;
  practiceName: string;
  locationId: string;
  sentBy: string;
  /** In which the patient applied, or is invited. */
  language: Language;
  /** There is an application of it already. */
  isUsed: boolean;
};

/** The link that a token is of; Refused 404 when there is none, or when nobody applied by it in time. */
export async function findApplicationLink({ db, clock }: Parts, token: string): Promise<ApplicationLink> {
  const row = await db("application_links as k")
    .join("practices as p", "p.id", "k.practice_id")
    .leftJoin("applications as ap", "ap.link_id", "k.id")
    .where({ token_hash: linkTokenHash(token) })
    .first(
      "k.id",
      "k.application_id as applicationId",
      "k.practice_id as practiceId",
      "p.name as practiceName",
      "k.location_id as locationId",
      "k.sent_by as sentBy",
      "k.expires_at",
      db.raw("coalesce(ap.language, k.language) as language"),
      db.raw('ap.id is not null as "isUsed"'),
    );
  if (!row || (!row.isUsed && row.expires_at <= clock.now()))
    throw new Refused(
      404,
      "This link no longer works. Ask the practice for a new one. / Este enlace ya no funciona. Pida uno nuevo al consultorio.",
    );
  return row;
}

/**
 * Opens a patient's application to whoever knows their date of birth.
 * @throws Declined for another date; Refused 403 once five were wrong
 */
export function openApplication(
  { db, clock, program: { phone } }: Parts & { program: { phone: string } },
  { linkId, bornOn, address }: { linkId: string; bornOn: IsoDate; address: string },
): Promise<void> {
  return tryBirthday({
    row: () => db("application_links").where({ id: linkId }),
    isRight: async () => Boolean(await db("applications").where({ link_id: linkId, born_on: bornOn }).first("id")),
    tell: (isRight) => {
      const action = isRight ? "application opened by its link" : "application not opened by its link";
      return audit(db, { ...portalItself, address }, { at: clock.now(), action, subjectId: linkId });
    },
    tooMany: `Too many wrong dates were entered for this link. Call ${phone} about the application. / Se escribieron demasiadas fechas incorrectas para este enlace. Llame al ${phone} acerca de la solicitud.`,
  });
}
