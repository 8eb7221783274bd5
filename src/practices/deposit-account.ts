import { randomUUIDv7 } from "node:crypto";
import type { Db, Trx } from "../platform/db.ts";
import type { Vault } from "../platform/secrets.ts";

export type NewDepositAccount = {
  holder: string;
  kind: "checking" | "savings";
  routingNumber: string;
  accountNumber: string;
};

export type DepositAccount = {
  id: string;
  holder: string;
  kind: "checking" | "savings";
  routingNumber: string;
  last4: string;
  since: Date;
};

/** Where a practice's deposits go now; null when it has not said. */
export async function depositAccountOf(db: Db, practiceId: string): Promise<DepositAccount | null> {
  const account = await db("deposit_accounts")
    .where({ practice_id: practiceId })
    .whereNull("ended_at")
    .first("id", "holder", "kind", "routing_number as routingNumber", "last4", "since");
  return account ?? null;
}

/** Keeps a practice's deposit account, its number sealed; the one before ends and stays in the history. */
export async function keepDepositAccount(
  trx: Trx,
  { vault, at }: { vault: Vault; at: Date },
  given: { id?: string; practiceId: string; account: NewDepositAccount },
): Promise<void> {
  const { id = randomUUIDv7(), practiceId, account } = given;
  await trx("deposit_accounts").where({ practice_id: practiceId }).whereNull("ended_at").update({ ended_at: at });
  await trx("deposit_accounts").insert({
    id,
    practice_id: practiceId,
    holder: account.holder,
    kind: account.kind,
    routing_number: account.routingNumber,
    last4: account.accountNumber.slice(-4),
    since: at,
    number_sealed: vault.seal(account.accountNumber, `deposit account ${id}`),
  });
}
