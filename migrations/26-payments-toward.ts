import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- The balance that the patient asked a payment to go to (12 CFR 1026.53(b)(1)(ii)): 'standard', or a sale's id.
    alter table payment_acts add column toward text, add check (toward is null or kind = 'payment');
    drop trigger payment_acts_keep on payment_acts;
    create trigger payment_acts_keep before delete or update of id, kind, account_id, amount_cents, received_on, method,
      reference, payment_id, reason, needs_second, asked_by, asked_at, toward on payment_acts
      for each row execute function refuse_change();
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    drop trigger payment_acts_keep on payment_acts;
    alter table payment_acts drop column toward;
    create trigger payment_acts_keep before delete or update of id, kind, account_id, amount_cents, received_on, method,
      reference, payment_id, reason, needs_second, asked_by, asked_at on payment_acts
      for each row execute function refuse_change();
  `);
}
