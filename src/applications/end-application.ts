import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Language } from "../lib/language.ts";
import { type Actor, audit, portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { removeJob } from "../platform/jobs.ts";
import { type Message, sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";
import { acceptanceOf, agreementIn, digestOf } from "./agreement.ts";
import { askLater, decideTask, decline, openAccountOf, type Row } from "./decide-application.ts";
import { linkAddress } from "./links.ts";
import { expiryNotice, lapseReminder, linkAgain, type Program, withdrawalNotice } from "./notices.ts";
import { wordsIn } from "./patient-words.ts";

/** So many days before a pending application lapses, its patient is reminded. */
const reminderDays = 7;

/** A bureau that is silent has this long: the notice is due within 30 days of a complete application (12 CFR 1002.9(a)(1)(i)). */
const silentDays = 25;

/** So many applications in one transaction. */
const batchSize = 50;

type Parts = { db: Db; clock: Clock; program: Program };
type LinkParts = Parts & { vault: Vault; publicUrl: string };
type Act = { id: string; reason?: string };

/**
 * Takes an application back that is not decided, or an approval that is not accepted, because the patient asks for it,
 * and confirms it to the patient. It is kept (12 CFR 1002.12(b)(3)); nobody asks the bureau about it any more. Asked
 * twice, it is done once.
 * @throws Declined when it was decided meanwhile, or accepted
 */
export async function withdrawApplication(parts: Parts, actor: Actor, { id, reason }: Act): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const row = await held(trx, id);
    if (row.outcome === "withdrawn") return;
    if (!isOffered(row, parts.clock.today())) refuseDecided(row);
    await end(trx, parts, row, { outcome: "withdrawn", notice: withdrawalNotice(parts.program, row) });
    await audit(trx, actor, line(parts, id, "application withdrawn", reason));
  });
}

/**
 * Records that the patient has shown support who they are: the bureau is asked again, and decides. Whoever records it
 * asks at once; the job that is left behind does so should this process end first.
 * @throws Declined when the application waits for nothing that the patient could show
 */
export async function confirmIdentity(parts: Parts, actor: Actor, { id, reason }: Act): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const row = await held(trx, id);
    refuseUnasked(row);
    const missing = "The patient has shown who they are. The credit bureau is asked again.";
    const asksAgain = { confirmed_at: parts.clock.now(), answered_at: null, lapses_on: null, missing };
    await trx("applications").where({ id }).update(asksAgain);
    await askLater(trx, id, 20);
    await audit(trx, actor, line(parts, id, "identity of an applicant confirmed", reason));
  });
}

/**
 * Declines an application whose patient could not show who they are. The notice goes out as after any decline.
 * @throws Declined when the application waits for nothing that the patient could show
 */
export async function refuseIdentity(parts: Parts, actor: Actor, { id, reason }: Act): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const row = await held(trx, id);
    refuseUnasked(row);
    await audit(trx, actor, line(parts, id, "identity of an applicant not confirmed", reason));
    await decline(trx, parts, row, { outcome: "declined", reasons: ["Unable to verify identity"] });
  });
}

/**
 * Ends, after a night, what nobody answered in time: pending applications whose patient was waited for until then
 * (1002.9(c)(2)), approvals whose patient did not accept the agreement, and those on which the bureau kept silent, which
 * the patient is told as a decline while there is time. Patients whose day is a week away are reminded. Each once, however
 * often or on how many nodes this is called.
 */
export async function lapseApplications(
  parts: LinkParts,
  night: IsoDate,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { db, clock, program } = parts;
  const waiting = (trx: Trx, until: IsoDate) =>
    trx("applications").whereIn("outcome", ["pending", "approved"]).where("lapses_on", "<=", until);
  const lapsed = (trx: Trx) => waiting(trx, night);
  const near = (trx: Trx) =>
    waiting(trx, addDays(night, reminderDays)).where("lapses_on", ">=", clock.today()).whereNull("reminded_at");
  const silent = (trx: Trx) =>
    trx("applications")
      .whereNull("answered_at")
      .whereRaw("(coalesce(confirmed_at, submitted_at) at time zone ?)::date <= ?", [
        program.timeZone,
        addDays(night, -silentDays),
      ]);

  await each(lapsed, (trx, row) => expire(trx, row));
  await each(near, async (trx, row) => {
    await sendMessage(trx, clock.now(), lapseReminder(program, row, row.link_id && linkAddress(parts, row.link_id)));
    await trx("applications").where({ id: row.id }).update({ reminded_at: clock.now() });
  });
  await each(silent, async (trx, row) => {
    await removeJob(trx, { task: decideTask, id: row.id });
    await decline(trx, parts, row, withoutReport("Unable to obtain a credit report"));
  });

  async function each(due: (trx: Trx) => Row, act: (trx: Trx, row: Row) => Promise<void>): Promise<void> {
    for (let taken = batchSize; taken === batchSize; ) {
      signal?.throwIfAborted();
      taken = await db.transaction(async (trx) => {
        const rows: Row[] = await due(trx).orderBy("id").limit(batchSize).forUpdate();
        for (const row of rows) await act(trx, row);
        return rows.length;
      });
    }
  }

  async function expire(trx: Trx, row: Row): Promise<void> {
    await end(trx, parts, row, { outcome: "expired", notice: expiryNotice(program, row) });
    await audit(trx, portalItself, line(parts, row.id, "application expired"));
  }
}

const withoutReport = (reason: string) => ({ outcome: "declined" as const, reasons: [reason], withoutReport: true });

const line = ({ clock }: Parts, subjectId: string, action: string, reason?: string | undefined) => ({
  at: clock.now(),
  action,
  subjectId,
  ...(reason && { details: { reason } }),
});

const held = (trx: Trx, id: string): Promise<Row> => trx("applications").where({ id }).forUpdate().first();

async function end(
  trx: Trx,
  { clock }: Parts,
  { id, answered_at }: Row,
  given: { outcome: "withdrawn" | "expired"; notice: Message },
): Promise<void> {
  const now = clock.now();
  await removeJob(trx, { task: decideTask, id });
  await sendMessage(trx, now, given.notice);
  const ended = { outcome: given.outcome, decided_at: now, answered_at: answered_at ?? now, notice_sent_at: now };
  await trx("applications")
    .where({ id })
    .update({ ...ended, missing: null });
}

/**
 * Sends a patient who applied by a link the way back to the application, and lets their tries at the date of birth begin
 * anew.
 * @throws Declined when the patient did not apply by a link, or nothing can be done there any more
 */
export async function sendLinkAgain(parts: LinkParts, actor: Actor, { id, reason }: Act): Promise<void> {
  const { clock, program } = parts;
  await parts.db.transaction(async (trx) => {
    const row = await held(trx, id);
    if (!row.link_id) throw new Declined({ form: "The practice keyed this application: there is no link to it." });
    if (!isOffered(row, clock.today())) refuseDecided(row);
    await trx("application_links").where({ id: row.link_id }).update({ tries_left: 5 });
    await sendMessage(trx, clock.now(), linkAgain(program, row, linkAddress(parts, row.link_id)));
    await audit(trx, actor, line(parts, id, "application link sent again", reason));
  });
}

/**
 * Opens the account of an approved application once its patient has accepted the agreement; pressed twice, it is one.
 * The proof of what was accepted stays with the application.
 * @param accepted.sha256 the digest of the agreement that the patient was shown
 * @throws Declined when the approval has lapsed or was withdrawn, or when the agreement reads otherwise meanwhile
 */
export async function acceptOffer(
  parts: Parts & { vault: Vault },
  actor: Actor,
  accepted: { id: string; language: Language; sha256: string },
): Promise<void> {
  const { db, clock, program } = parts;
  const { id, language, sha256 } = accepted;
  await db.transaction(async (trx) => {
    const row = await held(trx, id);
    if (row.account_id) return;
    if (!isOffered(row, clock.today())) throw new Declined({ form: wordsIn[language].noOffer });
    const offer = { limitCents: Number(row.limit_cents), standardApr: row.standard_apr, on: clock.today() };
    const agreement = agreementIn(language, program, offer);
    if (digestOf(agreement) !== sha256) throw new Declined({ form: wordsIn[language].changed });
    const proof = acceptanceOf(agreement, { language, acceptedAt: clock.now().toISOString(), address: actor.address });
    await openAccountOf(trx, parts, { ...row, language, acceptance: JSON.stringify(proof), lapses_on: null });
    await audit(trx, actor, line(parts, id, "agreement accepted"));
  });
}

const words: Record<string, string> = {
  approved: "was approved",
  declined: "was declined",
  withdrawn: "was withdrawn",
  expired: "has expired",
};

/** An approval that waits for its patient to accept the agreement, until the day that was promised. */
const isOffered = ({ outcome, account_id, lapses_on }: Row, today: IsoDate) =>
  outcome === "approved" && !account_id && lapses_on >= today;

function refuseDecided({ outcome }: Row): void {
  if (outcome && outcome !== "pending")
    throw new Declined({ form: `This application ${words[outcome]} meanwhile. Nothing was changed.` });
}

function refuseUnasked(row: Row): void {
  refuseDecided(row);
  if (row.outcome !== "pending" || !row.answered_at)
    throw new Declined({ form: "The credit bureau has not answered yet. Look again in a minute." });
}
