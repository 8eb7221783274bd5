import { formatDateTime } from "../lib/dates.ts";
import type { Plan } from "./maintenance.ts";

export type Words = { title: string; text: string; message: string };

/** What is planned, for the banner of every page, in the time zone of whoever reads it. */
export function plannedWords(plan: Plan, timeZone: string): Words {
  const from = plan.startsAt ? `From ${formatDateTime(plan.startsAt, timeZone)}` : "From now";
  const when = `${from}${until(plan, timeZone)}`;
  const text =
    plan.mode === "full"
      ? `${when} the portal is closed for maintenance.`
      : `${when} the portal is read-only for maintenance: you can look things up, but not charge, refund, take applications or change anything.`;
  return { title: "Maintenance is planned", text, message: plan.message };
}

/** What is under way. */
export function currentWords(plan: Plan, timeZone: string): Words {
  const end = until(plan, timeZone);
  if (plan.mode === "full") {
    const text = end
      ? `The portal is closed${end}.`
      : "The portal is closed for now. We open it again as soon as we can.";
    return { title: "Closed for maintenance", text, message: plan.message };
  }
  const text = `${end ? `The portal is read-only${end}` : "The portal is read-only for now"}: you can look up accounts, transactions and reports. Charges, refunds, applications and other changes wait until the maintenance is over.`;
  return { title: "Read-only for maintenance", text, message: plan.message };
}

/** In how many seconds to ask again: at the end, or now and then where none is known. */
export function retryAfterSeconds(plan: Plan | null, now: Date): number {
  if (!plan?.endsAt) return plan ? 120 : 5;
  return Math.max(Math.ceil((plan.endsAt.getTime() - now.getTime()) / 1000), 1);
}

const until = ({ endsAt }: Plan, timeZone: string) => (endsAt ? ` until ${formatDateTime(endsAt, timeZone)}` : "");
