import type { Db } from "../../src/platform/db.ts";
import { unguarded } from "./unguarded.ts";

/** Three years of days, of which reports look at the later half and compare it with the earlier one. */
export const years = { first: "2024-01-01", half: "2025-07-01", last: "2026-12-31" };

/** So many practices of the usual size share a fifth of all sales; the rest are those of one large group. */
export const others = 500;

const tables = ["transactions", "deposit_lines", "deposits", "promotions"];

/**
 * Practices, their people, accounts, sales, refunds, and deposits of three years, set by set: guards and indexes wait
 * until all is there, the days and months are summed as they are kept.
 *
 * @param given.group the practice that becomes the large group, with a hundred locations and so many sales and refunds
 * @returns a practice of the usual size
 */
export async function fillReportBooks(owner: Db, given: { group: string; rows: number }): Promise<string> {
  const { group, rows } = given;
  return owner.transaction(async (trx) => {
    await trx.raw("set local maintenance_work_mem = '1GB'; set local work_mem = '256MB'");
    const indexes = await trx.raw(
      `select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made from pg_index i
       where i.indrelid = any (?::regclass[]) and not i.indisunique`,
      [tables],
    );
    for (const { name } of indexes.rows) await trx.raw("drop index ??", [name]);

    const all = { group, others, rows: Math.round(rows * 1.25), accounts: Math.max(100, Math.round(rows / 100)) };
    const bindings = { ...all, first: years.first, last: years.last };
    await unguarded(trx, ["transactions", "promotions"], async () => {
      for (const sql of filling) {
        const asked = Object.entries(bindings).filter(([name]) => new RegExp(`:${name}\\b`).test(sql));
        await trx.raw(sql, Object.fromEntries(asked));
      }
    });

    for (const { made } of indexes.rows) await trx.raw(made);
    const { rows: usual } = await trx.raw("select id from houses where n = 1");
    return usual[0].id;
  });
}

const kinds = ["sale", "refund"]
  .map(
    (kind) =>
      `count(*) filter (where kind = '${kind}'), coalesce(sum(amount_cents) filter (where kind = '${kind}'), 0),
       coalesce(sum(fee_cents) filter (where kind = '${kind}'), 0)`,
  )
  .join(", ");

/** A number from 0 up to another, by the row's own number: the same in every run, and like chance. */
const drawn = (below: string, salt: number) => `(abs(hashint8extended(g, ${salt})) % (${below}))::int`;

/** How many months a plan's promotion lasts, in the words of SQL; 0 where it has none. */
export const promotionMonths = (planId: string) =>
  `case ${planId} when 'deferred-6' then 6 when 'deferred-18' then 18 when 'deferred-12' then 12 when 'convert-12' then 12 else 0 end`;

const filling = [
  "create temporary table houses on commit drop as select case n when 0 then :group::uuid else uuidv7() end as id, n from generate_series(0, :others) n",
  `insert into practices (id, name, specialty, state, time_zone, phone, joined_at)
   select id, 'Practice ' || n, 'Dentistry', 'TX', 'America/Chicago', '5125550100', now() from houses where n > 0`,
  // A hundred locations of the group with three people each, two of every other practice with three each.
  `create temporary table places on commit drop as
   select uuidv7() as id, h.id as practice_id, l as n from houses h, generate_series(case h.n when 0 then 0 else 98 + 2 * h.n end, 99 + 2 * h.n) l`,
  `insert into locations (id, practice_id, name, street, city, state, zip, phone)
   select id, practice_id, 'Location ' || n, '1 Main St', 'Austin', 'TX', '78701', '5125550100' from places`,
  `create temporary table workers on commit drop as
   select uuidv7() as id, id as location_id, practice_id, 3 * n + w as n from places, generate_series(0, 2) w`,
  `insert into users (id, practice_id, user_id, name, email, phone, role, password_hash, created_at)
   select id, practice_id, 'bench.' || n, 'Worker ' || n, 'bench' || n || '@example.com', '2025550143', 'biller', '-', now() from workers`,
  "create temporary table clients on commit drop as select uuidv7() as id, n from generate_series(0, :accounts - 1) n",
  `insert into patients (id, first_name, last_name, last_name_key, born_on, ssn_last4, ssn_sealed, ssn_digest, phone, email, street, city, state, zip, created_at)
   select id, 'Nora', 'Quill' || n, 'quill' || n, '1980-01-01', '0000', '', sha256(id::text::bytea), '5125550100', 'p@example.com', '9 Elm St', 'Austin', 'TX', '78704', now() from clients`,
  `insert into accounts (id, patient_id, number, limit_cents, standard_apr, cycle_day, opened_on)
   select id, id, 6000000000000000 + n, 800000, 32.99, 15, '2023-12-01' from clients`,
  "analyze workers; analyze clients",
  // Day after day, four of five the group's.
  `insert into transactions (id, kind, practice_id, location_id, account_id, sale_id, plan_id, amount_cents, fee_cents,
     service_on, business_on, reference, reason, recorded_by, recorded_at)
   select uuidv7(), case when g % 12 = 0 then 'refund' else 'sale' end, w.practice_id, w.location_id, c.id, case when g % 12 = 0 then c.id end,
     (array['standard','deferred-6','deferred-12','deferred-18','fixed-24','convert-12'])[1 + ${drawn("6", 1)}],
     20000 + ${drawn("90000", 2)}, 1500 + ${drawn("900", 3)}, null, :first::date + (g * (:last::date - :first::date + 1) / :rows)::int, 'Crown', '', w.id, now()
   from generate_series(0, :rows::bigint - 1) g
     join workers w on w.n = case when g % 5 < 4 then ${drawn("300", 4)} else 300 + ${drawn("6 * :others", 4)} end
     join clients c on c.n = ${drawn(":accounts", 5)}`,
  "analyze transactions",
  // In the order of time, as they come to be.
  `insert into sales_days select practice_id, business_on, location_id, plan_id, ${kinds} from transactions group by 1, 2, 3, 4 order by 2`,
  `insert into sales_months select practice_id, date_trunc('month', business_on), location_id, plan_id, ${kinds} from transactions group by 1, 2, 3, 4 order by 2`,
  `insert into user_months select practice_id, date_trunc('month', business_on), recorded_by, location_id, plan_id, ${kinds} from transactions group by 1, 2, 3, 4, 5 order by 2`,
  `create temporary table gathered on commit drop as
   select uuidv7() as id, practice_id, location_id, business_on as covers_on, count(*) as lines,
     sum(case kind when 'sale' then amount_cents else -amount_cents end) as gross, sum(case kind when 'sale' then fee_cents else -fee_cents end) as fee
   from transactions group by 2, 3, 4 order by 4`,
  "analyze gathered",
  `insert into deposits (id, practice_id, location_id, covers_on, arrives_on, lines, gross_cents, fee_cents, carried_in_cents, paid_cents, carried_out_cents, made_at, posted_at)
   select id, practice_id, location_id, covers_on, covers_on + 2, lines, gross, fee, 0, greatest(gross - fee, 0), least(gross - fee, 0), now(),
     case when gross > fee then now() end from gathered order by covers_on`,
  `insert into deposit_lines (transaction_id, practice_id, location_id, business_on, gross_cents, fee_cents, deposit_id)
   select t.id, t.practice_id, t.location_id, t.business_on, case kind when 'sale' then amount_cents else -amount_cents end,
     case kind when 'sale' then fee_cents else -fee_cents end, g.id
   from transactions t join gathered g on g.location_id = t.location_id and g.covers_on = t.business_on`,
  // Nobody has paid anything yet.
  `insert into promotions (sale_id, account_id, practice_id, location_id, plan_id, ends_on, left_cents)
   select id, account_id, practice_id, location_id, plan_id, business_on + make_interval(months => ${promotionMonths("plan_id")}), amount_cents
   from transactions where kind = 'sale' and ${promotionMonths("plan_id")} > 0`,
  "insert into promotion_days select practice_id, ends_on, location_id, plan_id, count(*), sum(left_cents) from promotions group by 1, 2, 3, 4 order by 2",
];
