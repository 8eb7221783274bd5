import { openAccount, type Person } from "../accounts/open-account.ts";
import { audit, portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { addJob, removeJob } from "../platform/jobs.ts";
import type { Log } from "../platform/log.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";
import type { Bureau, Decision } from "./bureau.ts";
import { approvalNotice, declineNotice, type Program, pendingNotice } from "./notices.ts";

export type DecideParts = {
  db: Db;
  clock: Clock;
  vault: Vault;
  bureau: Bureau;
  log: Log;
  program: Program;
  drawNumber?: () => string;
};

const patienceMs = 15_000;
const silence: Decision = {
  outcome: "pending",
  missing: "The credit bureau does not answer at the moment. We go on asking, and the decision will appear here.",
};

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
  await db.transaction((trx) => recordDecision(trx, parts, id, decision));
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

async function recordDecision(
  trx: Trx,
  { clock, vault, program, drawNumber }: DecideParts,
  id: string,
  decision: Decision,
): Promise<void> {
  const row = await trx("applications").where({ id }).forUpdate().first();
  if (row.answered_at) return; // decided meanwhile
  const now = clock.now();
  const isAnswer = decision !== silence;
  const decided = { outcome: decision.outcome, decided_at: now, answered_at: isAnswer ? now : null };
  if (isAnswer) await removeJob(trx, { task: decideTask, id });
  else await askLater(trx, id, pauseSeconds(now.getTime() - row.submitted_at));
  if (!isAnswer && row.outcome) return; // it is pending already

  if (decision.outcome === "pending") {
    if (isAnswer) await sendMessage(trx, now, pendingNotice(program, row));
    await trx("applications")
      .where({ id })
      .update({ ...decided, missing: decision.missing });
  } else if (decision.outcome === "declined") {
    await sendMessage(trx, now, declineNotice(program, row, decision.reasons));
    await trx("applications")
      .where({ id })
      .update({ ...decided, reasons: decision.reasons, missing: null, notice_sent_at: now });
  } else {
    const { limitCents, standardApr } = decision;
    const person: Person = {
      firstName: row.first_name,
      lastName: row.last_name,
      bornOn: row.born_on,
      ssn: vault.open(row.ssn_sealed, id),
      phone: row.phone,
      email: row.email,
      street: row.street,
      city: row.city,
      state: row.state,
      zip: row.zip,
    };
    const opened = await openAccount(trx, { clock, vault, drawNumber }, portalItself, {
      person,
      practiceId: row.practice_id,
      limitCents,
      standardApr,
    });
    await sendMessage(trx, now, approvalNotice(program, row, { ...decision, ...opened }));
    const terms = { limit_cents: limitCents, standard_apr: standardApr, account_id: opened.accountId };
    await trx("applications")
      .where({ id })
      .update({ ...decided, ...terms, missing: null, notice_sent_at: now });
  }
  await audit(trx, portalItself, { at: now, action: `application ${decision.outcome}`, subjectId: id });
}

/** A quarter of the time that the patient has waited already: a blip is soon over, and a long outage is not hammered at. */
const pauseSeconds = (waitedMs: number) => Math.min(Math.max(waitedMs / 4_000, 5), 1_800);
