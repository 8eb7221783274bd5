import { openAccount, type Person } from "../accounts/open-account.ts";
import { audit, portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import type { Log } from "../platform/log.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";
import type { Bureau, Decision } from "./bureau.ts";
import { approvalNotice, declineNotice, type Program } from "./notices.ts";

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

/**
 * Asks the bureau about an application and records what it says: an account opens in the same transaction as the
 * approval, the patient's notice goes out with it, and a second answer finds the first. Without an answer the
 * application is pending and is asked about again.
 */
export async function decideApplication(parts: DecideParts, id: string): Promise<void> {
  const { db, vault, bureau, log } = parts;
  const row = await db("applications").where({ id }).first();
  if (!row?.ask_again_at) return;
  const inquiry = {
    ...{ applicationId: id, firstName: row.first_name, lastName: row.last_name, bornOn: row.born_on },
    ssn: vault.open(row.ssn_sealed, id),
    annualIncomeCents: Number(vault.open(row.income_sealed, id)),
    monthlyHousingCents: Number(vault.open(row.housing_cost_sealed, id)),
  };
  const decision = await bureau.decide(inquiry, AbortSignal.timeout(patienceMs)).catch((error: unknown) => {
    log.warn({ applicationId: id, reason: error instanceof Error ? error.name : "unknown" }, "no decision yet");
    return silence;
  });
  await db.transaction((trx) => recordDecision(trx, parts, id, decision));
}

/** Asks again about every application that waits for the bureau; each is taken by one node alone. Returns how many. */
export async function decideWaiting(parts: DecideParts): Promise<number> {
  const { db, clock } = parts;
  const later = new Date(clock.now().getTime() + 60_000);
  const due = db("applications")
    .where("ask_again_at", "<", clock.now())
    .select("id")
    .limit(20)
    .forUpdate()
    .skipLocked();
  const taken = await db("applications").whereIn("id", due).update({ ask_again_at: later }).returning("id");
  await Promise.all(taken.map(({ id }) => decideApplication(parts, id)));
  return taken.length;
}

async function recordDecision(
  trx: Trx,
  { clock, vault, program, drawNumber }: DecideParts,
  id: string,
  decision: Decision,
): Promise<void> {
  const row = await trx("applications").where({ id }).forUpdate().first();
  if (!row.ask_again_at) return; // decided meanwhile
  const now = clock.now();
  const decided = { outcome: decision.outcome, decided_at: now, ask_again_at: null };

  if (decision.outcome === "pending") {
    const again = decision === silence ? { ask_again_at: new Date(now.getTime() + 5 * 60_000) } : {};
    await trx("applications")
      .where({ id })
      .update({ ...decided, missing: decision.missing, ...again });
  } else if (decision.outcome === "declined") {
    await sendMessage(trx, now, declineNotice(program, row, decision.reasons));
    await trx("applications")
      .where({ id })
      .update({ ...decided, reasons: decision.reasons, missing: null, notice_sent_at: now });
  } else {
    const { limitCents, standardApr } = decision;
    const person: Person = {
      ...{
        firstName: row.first_name,
        lastName: row.last_name,
        bornOn: row.born_on,
        ssn: vault.open(row.ssn_sealed, id),
      },
      ...{ phone: row.phone, email: row.email, street: row.street, city: row.city, state: row.state, zip: row.zip },
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
