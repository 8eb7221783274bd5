// What the account page is held against: bare Express and what the page shows, asked for question by question, prepared and
// side by side, with template literals; no log-in, no checks, nothing written down.
import express from "express";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = express();
const dollars = (cents: string | undefined) => `$${(Number(cents) / 100).toFixed(2)}`;

const questions = {
  account: `select p.first_name, p.last_name, p.born_on::text, p.phone, right(a.number, 4) as last4, a.limit_cents,
      l.balance_cents, a.standard_apr, a.cycle_day, a.opened_on::text from accounts a
    join patients p on p.id = a.patient_id left join ledger_accounts l on l.owner_id = a.id and l.kind = 'receivable'
    where a.id = $1`,
  promotions: `select t.id, t.plan_id, t.business_on::text, t.amount_cents, sum(e.amount_cents) as balance_cents
    from ledger_accounts r join ledger_entries e on e.account_id = r.id join transactions t on t.id = e.sale_id
    where r.owner_id = $1 and r.kind = 'receivable' group by t.id having sum(e.amount_cents) > 0 order by t.business_on`,
  transactions: `select id, kind, business_on::text, plan_id, amount_cents, reference from transactions
    where account_id = $1 order by recorded_at desc, id desc limit 50`,
  payments: `select p.id, p.received_on::text, p.amount_cents, e.taken_back_by from payments p
    left join account_events e on e.account_id = p.account_id and e.event_id = p.id
    where p.account_id = $1 order by p.received_on desc, p.id desc limit 50`,
  statements: `select number, closed_on::text, due_on::text, minimum_payment_cents, new_balance_cents from statements
    where account_id = $1 order by number desc limit 24`,
  books: "select state from account_states where account_id = $1",
};

app.get("/readyz", (_req, res) => void res.send("ready"));
app.get("/accounts/:id", async (req, res) => {
  const answers = Object.entries(questions).map(([name, text]) => pool.query({ name, text, values: [req.params.id] }));
  const [account, promotions, transactions, payments, statements, books] = (await Promise.all(answers)).map(
    ({ rows }) => rows,
  ) as [Row[], Row[], Row[], Row[], Row[], { state: { lastStatement?: { dueOn: string } } }[]];
  const {
    first_name,
    last_name,
    born_on,
    phone,
    last4,
    limit_cents,
    balance_cents,
    standard_apr,
    cycle_day,
    opened_on,
  } = account[0] as Row;
  const rows = (list: Row[], row: (each: Row) => string) => list.map((each) => `\n<tr>${row(each)}`).join("");
  res.send(`<!doctype html><html lang="en"><title>${first_name} ${last_name}</title><body><h1>${first_name} ${last_name}</h1>
<dl><dt>Born<dd>${born_on}<dt>Phone<dd>${phone}<dt>Number<dd>${last4}<dt>Limit<dd>${dollars(limit_cents)}<dt>Balance<dd>${dollars(balance_cents)}
<dt>APR<dd>${standard_apr}<dt>Cycle<dd>${cycle_day}<dt>Opened<dd>${opened_on}<dt>Due<dd>${books[0]?.state.lastStatement?.dueOn ?? "–"}</dl>
<table>${rows(promotions, (p) => `<td>${p.business_on}<td>${p.plan_id}<td>${dollars(p.amount_cents)}<td>${dollars(p.balance_cents)}`)}</table>
<table><tr><th>Date<th>Kind<th>Plan<th>Amount<th>Reference${rows(
    transactions,
    (t) =>
      `<td>${t.business_on}<td><a href="/transactions/${t.id}">${t.kind}</a><td>${t.plan_id}<td>${dollars(t.amount_cents)}<td>${t.reference}`,
  )}</table>
<table>${rows(payments, (p) => `<td>${p.received_on}<td>${dollars(p.amount_cents)}<td>${p.taken_back_by ? "returned" : ""}`)}</table>
<table>${rows(statements, (s) => `<td>${s.closed_on}<td>${s.due_on}<td>${dollars(s.minimum_payment_cents)}<td>${dollars(s.new_balance_cents)}`)}</table>
</body></html>`);
});
app.listen(Number(process.env.PORT), "127.0.0.1");

type Row = Record<string, string>;
