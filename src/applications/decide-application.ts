import { setTimeout } from "node:timers/promises";
import { hasOpenAccount, openAccount, type Person } from "../accounts/open-account.ts";
import { addDays } from "../lib/calendar.ts";
import { audit, portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { addJob, removeJob } from "../platform/jobs.ts";
import type { Log } from "../platform/log.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";
import { agreementIn } from "./agreement.ts";
import type { Bureau, Decision } from "./bureau.ts";
import { linkAddress } from "./links.ts";
import { approvalNotice, declineNotice, offerNotice, type Program, pendingNotice } from "./notices.ts";

export type DecideParts = {
  db: Db;
  clock: Clock;
  vault: Vault;
  bureau: Bureau;
  log: Log;
  program: Program;
  publicUrl: string;
  drawNumber?: () => string;
};

const patienceMs = 15_000;
/** How long a patient is waited for who has to show something: the notice names the day (12 CFR 1002.9(c)(2)). */
const waitingDays = 30;
const silence: Decision & { missing: string } = {
  outcome: "pending",
  missing: "The credit bureau does not answer at the moment. We go on asking, and the decision will appear here.",
};

// biome-ignore lint/suspicious/noExplicitAny: a row of applications, as Knex gives it
export type Row = any;

/** The job that asks the bureau: begun when the page that took the application has not had an answer. */
export const decideTask = "decide-application";

/** Leaves behind the job that asks, in the place of any earlier one. */
export const askLater = (trx: Db, id: string, inSeconds: number) =>
  addJob(trx, { task: decideTask, id, inSeconds, priority: -5 });

/**
 * Asks the bureau about an application and records what it says: an account opens in the same transaction as the
 * approval, the patient's notice goes out with it, and a second answer finds the first. Without an answer the
 * application is pending and a job asks again. Page and job may both ask (about one id, which the bureau knows again);
 * whoever is first to record decides.
 */
export async function decideApplication(parts: DecideParts, id: string, stopping?: AbortSignal): Promise<void> {
  const { db, vault, bureau, log } = parts;
  const row = await db("applications").where({ id }).first();
  if (!row || row.answered_at) return;
  const inquiry = {
    applicationId: id,
    firstName: row.first_name,
    lastName: row.last_name,
    bornOn: row.born_on,
    ssn: vault.open(row.ssn_sealed, id),
    identityConfirmedAt: row.confirmed_at?.toISOString() ?? null,
    annualIncomeCents: Number(vault.open(row.income_sealed, id)),
    monthlyHousingCents: Number(vault.open(row.housing_cost_sealed, id)),
  };
  const patience = AbortSignal.timeout(patienceMs);
  const signal = stopping ? AbortSignal.any([stopping, patience]) : patience;
  const decision = await bureau.decide(inquiry, signal).catch((error: unknown) => {
    if (stopping?.aborted) throw error; // the portal stops, which says nothing about the bureau
    log.warn({ applicationId: id, reason: error instanceof Error ? error.name : "unknown" }, "no decision yet");
    return silence;
  });
  await db.transaction((trx) => recordAnswer(trx, parts, row, decision));
}

/**
 * Asks about the applications that have waited longest for an answer, a minute at least. The net below the jobs, for one
 * that failed for good (with a wrong key, say) or was lost with its schema. Returns how many.
 */
export async function decideWaiting(parts: DecideParts, stopping?: AbortSignal): Promise<number> {
  const { db, clock } = parts;
  const waiting = await db("applications")
    .whereNull("answered_at")
    .where("submitted_at", "<", new Date(clock.now().getTime() - 60_000))
    .orderBy("submitted_at")
    .limit(20)
    .select("id");
  await Promise.all(waiting.map(({ id }) => decideApplication(parts, id, stopping)));
  return waiting.length;
}

/** So long a page waits for a decision; a slower one appears when it is looked at again. */
const pageWaitMs = 2_500;

/** Asks the bureau as `decideApplication`, and waits for the answer no longer than a page may. */
export async function decideSoon(parts: DecideParts, id: string): Promise<void> {
  const decided = decideApplication(parts, id).catch((error) =>
    parts.log.error({ err: error, applicationId: id }, "deciding failed"),
  );
  await Promise.race([decided, setTimeout(pageWaitMs, undefined, { ref: false })]);
}

/** Records what the bureau said, unless something was decided meanwhile, or it was asked anew. */
async function recordAnswer(trx: Trx, parts: DecideParts, asked: Row, decision: Decision): Promise<void> {
  const { id } = asked;
  const row: Row = await trx("applications").where({ id }).forUpdate().first();
  if (row.answered_at || Number(row.confirmed_at) !== Number(asked.confirmed_at)) return;
  if (decision !== silence) {
    await removeJob(trx, { task: decideTask, id });
    return recordDecision(trx, parts, row, decision);
  }
  const now = parts.clock.now();
  await askLater(trx, id, pauseSeconds(now.getTime() - (row.confirmed_at ?? row.submitted_at)));
  if (row.outcome) return; // it is pending already
  await trx("applications").where({ id }).update({ outcome: "pending", decided_at: now, missing: silence.missing });
  await audit(trx, portalItself, { at: now, action: "application pending", subjectId: id });
}

async function recordDecision(trx: Trx, parts: DecideParts, row: Row, decision: Decision): Promise<void> {
  if (decision.outcome === "declined") return decline(trx, parts, row, decision);
  const { clock, program } = parts;
  const { id } = row;
  const now = clock.now();
  const decided = { outcome: decision.outcome, decided_at: now, answered_at: now };
  if (decision.outcome === "pending") {
    const until = { lapses_on: addDays(clock.today(), waitingDays), reminded_at: null, notice_sent_at: now };
    const waiting = { ...row, ...decided, ...until, missing: decision.missing };
    await sendMessage(trx, now, pendingNotice(program, waiting));
    await keep(trx, waiting);
  } else {
    const terms = { limit_cents: decision.limitCents, standard_apr: decision.standardApr };
    const approved = { ...row, ...decided, ...terms, missing: null, notice_sent_at: now };
    // Who has an account is offered none: its limit and rate stay.
    if (row.link_id && !(await hasOpenAccount(trx, parts.vault, personOf(parts.vault, row)))) {
      const offer = { ...approved, lapses_on: addDays(clock.today(), waitingDays), reminded_at: null };
      await sendMessage(trx, now, offerNotice(program, offer, linkAddress(parts, row.link_id)));
      await keep(trx, offer);
    } else await openAccountOf(trx, parts, approved);
  }
  await audit(trx, portalItself, { at: now, action: `application ${decision.outcome}`, subjectId: id });
}

/** Opens the account of an approved application that the caller holds, keeps what it says, and tells the patient. */
export async function openAccountOf(
  trx: Trx,
  { clock, vault, program, drawNumber }: Pick<DecideParts, "clock" | "vault" | "program" | "drawNumber">,
  row: Row,
): Promise<void> {
  const terms = { limitCents: Number(row.limit_cents), standardApr: row.standard_apr };
  const given = { person: personOf(vault, row), practiceId: row.practice_id, ...terms };
  const opened = await openAccount(trx, { clock, vault, drawNumber }, portalItself, given);
  const agreement = agreementIn(row.language, program, { ...terms, on: clock.today() });
  await sendMessage(trx, clock.now(), approvalNotice(program, row, { ...terms, ...opened, agreement }));
  await keep(trx, { ...row, account_id: opened.accountId, account_was_open: opened.alreadyOpen });
}

const personOf = (vault: Vault, row: Row): Person => ({
  firstName: row.first_name,
  lastName: row.last_name,
  bornOn: row.born_on,
  ssn: vault.open(row.ssn_sealed, row.id),
  phone: row.phone,
  email: row.email,
  street: row.street,
  city: row.city,
  state: row.state,
  zip: row.zip,
  language: row.language,
});

/** What a decision changes of a row. */
const kept = [
  "outcome",
  "decided_at",
  "answered_at",
  "missing",
  "notice_sent_at",
  "limit_cents",
  "standard_apr",
  "account_id",
  "lapses_on",
  "reminded_at",
  "acceptance",
  "account_was_open",
  "language",
] as const;

const keep = (trx: Trx, row: Row): Promise<void> =>
  trx("applications")
    .where({ id: row.id })
    .update(Object.fromEntries(kept.map((name) => [name, row[name]])));

/** Declines an application that the caller holds, and sends the patient the notice in the same transaction. */
export async function decline(
  trx: Trx,
  { clock, program }: Pick<DecideParts, "clock" | "program">,
  row: Row,
  decision: Extract<Decision, { outcome: "declined" }>,
): Promise<void> {
  const [now, { id }] = [clock.now(), row];
  await sendMessage(trx, now, declineNotice(program, row, decision));
  const decided = { outcome: "declined", decided_at: now, answered_at: now, notice_sent_at: now };
  await trx("applications")
    .where({ id })
    .update({ ...decided, reasons: decision.reasons, missing: null });
  await audit(trx, portalItself, { at: now, action: "application declined", subjectId: id });
}

/** A quarter of the time that the patient has waited already: a blip is soon over, and a long outage is not hammered at. */
const pauseSeconds = (waitedMs: number) => Math.min(Math.max(waitedMs / 4_000, 5), 1_800);
