import { endDays } from "./accounts/end-days.ts";
import { refundOldCredits } from "./accounts/refund-credit.ts";
import { lapseApplications } from "./applications/end-application.ts";
import { makeDeposits } from "./deposits/make-deposits.ts";
import { postDeposits } from "./deposits/post-deposits.ts";
import { forgetAbandoned } from "./enrolment/forget-abandoned.ts";
import { forgetKeptForms } from "./identity/kept-forms.ts";
import { suspendInactive } from "./identity/suspend-inactive.ts";
import { addDays } from "./lib/calendar.ts";
import type { IsoDate } from "./lib/dates.ts";
import type { Clock } from "./platform/clock.ts";
import type { Config } from "./platform/config.ts";
import type { Db } from "./platform/db.ts";
import type { Vault } from "./platform/secrets.ts";
import { announceStatements } from "./statements/announce.ts";
import { sendReminders } from "./statements/remind.ts";
import { remindOfTraining } from "./training/remind.ts";
import { forgetDrafts } from "./transactions/drafts.ts";

export type NightReport = { night: IsoDate; accounts: number };

/**
 * The end-of-day work of every night up to a day, in the order of time and each night once, however often this is
 * called, killed in the middle, or run by several nodes at once.
 *
 * @param options.through the last day to end; yesterday in the program's time zone, unless a person asks for another
 * @param options.onProgress told what was done so far, after each batch
 */
export async function runNightly(
  parts: { db: Db; clock: Clock; vault: Vault; config: Pick<Config, "program" | "publicUrl"> },
  options: { through?: IsoDate; onProgress?: (report: NightReport) => void; signal?: AbortSignal } = {},
): Promise<NightReport[]> {
  const { through = addDays(parts.clock.today(), -1), onProgress = () => {}, signal } = options;
  const told = { ...parts, ...parts.config };
  const reports: NightReport[] = [];
  for (let night = await firstNight(parts.db, through); night <= through; night = addDays(night, 1)) {
    const onBatch = (accounts: number) => onProgress({ night, accounts });
    await refundOldCredits(told, night, { signal });
    const accounts = await endDays(parts, night, { onBatch, signal });
    await announceStatements(told, night, { signal });
    await sendReminders(told, night, { signal });
    await remindOfTraining(told, night);
    await lapseApplications(told, night, { signal });
    // In the past there is nobody left to warn: of nights that are caught up, the last one does.
    if (night >= addDays(parts.clock.today(), -1)) await suspendInactive(told, night, { signal });
    await parts.db("nights").insert({ night, ended_at: parts.clock.now() }).onConflict().ignore();
    reports.push({ night, accounts });
  }
  // Each deposit covers a day of its own, whenever it is made: so this catches up by itself.
  await makeDeposits(parts, through);
  await postDeposits(parts, through);
  await forgetDrafts(parts);
  await forgetKeptForms(parts);
  await forgetAbandoned(parts);
  return reports;
}

/**
 * The first night with work: the one after the last that is over, or an earlier one on which an account is due after
 * all, because it was corrected or because another node is still at it.
 */
async function firstNight(db: Db, through: IsoDate): Promise<IsoDate> {
  const over = await db("nights").max("night as night").first();
  const due = await db("account_states").min("next_work_on as night").first();
  const next = over?.night ? addDays(over.night, 1) : (due?.night ?? through);
  return due?.night && due.night < next ? due.night : next;
}
