import { randomUUIDv7 } from "node:crypto";
import type { PlanId } from "../credit/plans.ts";
import type { Trx } from "../platform/db.ts";
import type { Vault } from "../platform/secrets.ts";
import { keepDepositAccount, type NewDepositAccount } from "./deposit-account.ts";
import type { Location } from "./queries.ts";

/** What a practice begins with. */
export type NewPractice = {
  id: string;
  name: string;
  legalName: string;
  specialty: string;
  state: string;
  timeZone: string;
  phone: string;
  taxId: string;
  plans: readonly PlanId[];
  locations: Omit<Location, "id">[];
  depositAccount: NewDepositAccount;
};

/** Founds a practice with its locations, plans and deposit account. Returns the id of its first location. */
export async function foundPractice(
  trx: Trx,
  { vault, at }: { vault: Vault; at: Date },
  practice: NewPractice,
): Promise<{ homeLocationId: string }> {
  const { id, taxId, plans, locations, depositAccount } = practice;
  await trx("practices").insert({
    id,
    name: practice.name,
    legal_name: practice.legalName,
    specialty: practice.specialty,
    state: practice.state,
    time_zone: practice.timeZone,
    phone: practice.phone,
    joined_at: at,
    tax_id_sealed: vault.seal(taxId, `practice tax id ${id}`),
    tax_id_last4: taxId.slice(-4),
    tax_id_digest: vault.digest("tax id", taxId),
  });
  const rows = locations.map((location) => ({ ...location, id: randomUUIDv7(), practice_id: id }));
  await trx("locations").insert(rows);
  await trx("practice_plans").insert(plans.map((planId) => ({ practice_id: id, plan_id: planId })));
  await keepDepositAccount(trx, { vault, at }, { practiceId: id, account: depositAccount });
  return { homeLocationId: rows[0]?.id ?? "" };
}
