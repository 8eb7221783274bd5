import { type Account, openAccount } from "../../src/credit/account.ts";
import { happen, nextWorkingDay, runThrough } from "../../src/credit/engine.ts";
import type { AccountEvent } from "../../src/credit/events.ts";
import { startRun } from "../../src/credit/run.ts";
import { addDays, type IsoDate } from "../../src/lib/calendar.ts";
import type { Db } from "../../src/platform/db.ts";
import { unguarded } from "./unguarded.ts";

/** A cycle day, and what a patient did on the account: its first sale has the id `sale`. */
type Story = { cycleDay: number; share: number; events: (AccountEvent & { date: IsoDate })[] };

const sale = "00000000-0000-4000-8000-000000000001";
const months = ["03", "04", "05", "06", "07", "08", "09"];

/** Four kinds of patients: owes nothing; revolves; pays a promotion off as asked; pays late. */
function storiesOf(cycleDay: number): Story[] {
  const paid = (amountCents: number, some: string[]): AccountEvent[] =>
    some.map((month) => ({ type: "payment", id: `p${month}`, date: `2026-${month}-02`, amountCents }));
  const sold = (plan: "standard" | "deferred-12" | "fixed-24", amountCents: number): AccountEvent => ({
    type: "sale",
    id: sale,
    date: "2026-02-03",
    plan,
    amountCents,
  });
  return [
    { cycleDay, share: 0.25, events: [] },
    { cycleDay, share: 0.35, events: [sold("standard", 80_000), ...paid(6_000, months)] },
    { cycleDay, share: 0.25, events: [sold("deferred-12", 150_000), ...paid(10_000, months)] },
    { cycleDay, share: 0.15, events: [sold("fixed-24", 240_000), ...paid(12_000, months.slice(0, 4))] },
  ];
}

/** Where a story leads by the evening before a night, its nights having been run. */
function standing({ cycleDay, events }: Story, night: IsoDate): Account {
  const run = startRun(openAccount({ openedOn: "2026-02-01", cycleDay, standardApr: "32.99", limitCents: 800_000 }));
  for (const event of events) happen(run, event);
  for (let day = nextWorkingDay(run.account); day < night; day = nextWorkingDay(run.account)) runThrough(run, day);
  return run.account;
}

/** The account of a number, from 1: its id in SQL, the number given as an expression. */
export const accountIn = (number: string) => `md5((${number})::text)::uuid`;

/**
 * Fills empty books with accounts by the engine's own word: some hundred stories, each told of many patients.
 * What happened before stands in the ledger as one posting for each account.
 */
export async function fillBooks(
  owner: Db,
  given: { accounts: number; night: IsoDate; cycleDays: readonly number[] },
): Promise<void> {
  const { accounts, night, cycleDays } = given;
  const stories = cycleDays.flatMap(storiesOf).map((story, id) => {
    const state = standing(story, night);
    const { share, cycleDay } = story;
    const balances = state.balances.filter((each) => each.balanceCents !== 0);
    const rows = Math.round((accounts * share) / cycleDays.length);
    return { id, rows, cycle_day: cycleDay, state: JSON.stringify(state), due: nextWorkingDay(state), balances };
  });
  await owner.raw(
    `create table bench as select ${accountIn("number")} as id, gen_random_uuid() as sale_id, gen_random_uuid() as posting_id, s.*
       from (select row_number() over () as number, s.id as story, s.cycle_day, s.state, s.due, s.balances
         from jsonb_to_recordset(?) as s (id int, rows int, cycle_day int, state text, due date, balances jsonb),
           generate_series(1, s.rows)) s`,
    [JSON.stringify(stories)],
  );
  await owner.transaction((trx) =>
    unguarded(trx, ["ledger_transactions", "ledger_entries", "transactions", "promotions"], async () => {
      for (const statement of filling) await trx.raw(statement, statement.includes("?") ? [sale] : []);
    }),
  );
  await owner("nights").insert({ night: addDays(night, -1), ended_at: new Date() });
  await owner.raw("vacuum analyze");
}

const place = "'00000000-0000-4000-8000-000000000002'::uuid";
const names = "(array['Nora','Maria','John','Wei','Fatima','Ivan','Grace','Omar','Lucy','Pedro'])";
const lastNames = "(array['Quill','Archer','Baker','Nguyen','Garcia','Okafor','Smith','Johansen','Petrov','Haddad'])";
const filling = [
  `insert into patients (id, first_name, last_name, last_name_key, born_on, ssn_last4, ssn_sealed, ssn_digest, phone, email,
     street, city, state, zip, created_at)
   select id, ${names}[1 + number % 10], ${lastNames}[1 + number / 10 % 10] || ' ' || substr(id::text, 1, 6),
     'quill' || number, date '1950-01-01' + (number % 20000)::int, lpad((number % 10000)::text, 4, '0'), '', sha256(id::text::bytea),
     '512' || lpad((number % 10000000)::text, 7, '0'), number || '@example.com', '9 Elm St', 'Austin', 'TX', '78704', now()
   from bench`,
  `insert into accounts (id, patient_id, number, limit_cents, standard_apr, cycle_day, opened_on)
   select id, id, 6000000000000000 + number, 800000, 32.99, cycle_day, '2026-02-01' from bench`,
  "insert into account_states (account_id, state, next_work_on) select id, replace(state, ?, sale_id::text)::jsonb, due from bench",
  `insert into ledger_accounts (id, kind, owner_id, balance_cents)
   select id, 'receivable', id, (select coalesce(sum((b ->> 'balanceCents')::bigint), 0) from jsonb_array_elements(balances) b)
   from bench`,
  `insert into ledger_transactions (id, kind, effective_on, posted_at, account_ids, sale_ids, cents)
   select posting_id, 'correction', '2026-02-01', now(), t.* from bench, lateral (
     select array_agg(account order by line, side), array_agg(sale order by line, side), array_agg(cents order by line, side)
       from jsonb_array_elements(balances) with ordinality as t (b, line), lateral (values
         (1, id, case when b ->> 'id' <> 'standard' then sale_id end, (b ->> 'balanceCents')::bigint),
         (2, (select id from ledger_accounts where kind = 'cash_out'), null, -(b ->> 'balanceCents')::bigint)) as e (side, account, sale, cents)) t
     where jsonb_array_length(balances) > 0`,
  `insert into ledger_entries (transaction_id, line, account_id, sale_id, amount_cents)
   select t.id, e.line, e.account_id, e.sale_id, e.cents from ledger_transactions t,
     unnest(account_ids, sale_ids, cents) with ordinality as e (account_id, sale_id, cents, line)`,
  // Each sale that has a promotion, all in one place.
  `insert into practices (id, name, specialty, state, time_zone, phone, joined_at)
   values (${place}, 'Practice', 'Dentistry', 'TX', 'America/Chicago', '5125550100', now())`,
  `insert into locations (id, practice_id, name, street, city, state, zip, phone)
   values (${place}, ${place}, 'Location', '1 Main St', 'Austin', 'TX', '78701', '5125550100')`,
  `insert into users (id, practice_id, user_id, name, email, phone, role, password_hash, created_at)
   values (${place}, ${place}, 'bench.clerk', 'Worker', 'bench@example.com', '2025550143', 'clerk', '-', now())`,
  `create table promised as
   select b.sale_id, b.id as account_id, e.* from bench b, jsonb_to_recordset(b.state::jsonb -> 'balances')
     as e (plan text, "openedOn" date, "promotionEndsOn" date, "balanceCents" bigint) where e."promotionEndsOn" is not null`,
  `insert into transactions (id, kind, practice_id, location_id, account_id, plan_id, amount_cents, fee_cents, service_on, business_on,
     reference, reason, recorded_by, recorded_at)
   select sale_id, 'sale', ${place}, ${place}, account_id, plan, 150000, 0, null, "openedOn", '', '', ${place}, now() from promised`,
  `insert into promotions (sale_id, account_id, practice_id, location_id, plan_id, ends_on, left_cents)
   select sale_id, account_id, ${place}, ${place}, plan, "promotionEndsOn", "balanceCents" from promised`,
  `insert into promotion_days select practice_id, ends_on, location_id, plan_id, count(*), sum(left_cents)
   from promotions where left_cents > 0 group by 1, 2, 3, 4`,
  "drop table bench, promised",
];
