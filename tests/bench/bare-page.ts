// What the account page is held against: bare Express, its main questions, template literals; no log-in, no checks.
import express from "express";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = express();
const dollars = (cents: string) => `$${(Number(cents) / 100).toFixed(2)}`;

app.get("/readyz", (_req, res) => void res.send("ready"));
app.get("/accounts/:id", async (req, res) => {
  const { id } = req.params;
  const [account, transactions] = await Promise.all([
    pool.query(
      `select p.first_name, p.last_name, p.phone, a.limit_cents, l.balance_cents, a.standard_apr from accounts a
       join patients p on p.id = a.patient_id left join ledger_accounts l on l.owner_id = a.id and l.kind = 'receivable'
       where a.id = $1`,
      [id],
    ),
    pool.query(
      `select id, kind, business_on::text, plan_id, amount_cents, reference from transactions
       where account_id = $1 order by recorded_at desc, id desc limit 50`,
      [id],
    ),
  ]);
  const { first_name, last_name, phone, limit_cents, balance_cents, standard_apr } = account.rows[0];
  res.send(`<!doctype html><html lang="en"><title>${first_name} ${last_name}</title><body><h1>${first_name} ${last_name}</h1>
<dl><dt>Phone<dd>${phone}<dt>Limit<dd>${dollars(limit_cents)}<dt>Balance<dd>${dollars(balance_cents)}<dt>APR<dd>${standard_apr}</dl>
<table><tr><th>Date<th>Kind<th>Plan<th>Amount<th>Reference${transactions.rows
    .map(
      (row) => `
<tr><td>${row.business_on}<td><a href="/transactions/${row.id}">${row.kind}</a><td>${row.plan_id}<td>${dollars(row.amount_cents)}<td>${row.reference}`,
    )
    .join("")}
</table></body></html>`);
});
app.listen(Number(process.env.PORT), "127.0.0.1");
