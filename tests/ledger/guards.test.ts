import { randomUUIDv7 } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { receivableBySale } from "../../src/ledger/balances.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import { post, postAll } from "../../src/ledger/post.ts";
import type { Trx } from "../../src/platform/db.ts";
import { foundPractice, openAccountFor, type Practice, payOn, sellTo, type TestAccount } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal({ booksBalance: "ledger" });
const { db } = portal;
const { rows } = await db.raw("select rolsuper, rolname as owner from pg_roles where rolname = current_user");

let practice: Practice;
let account: TestAccount;
let saleId: string;

beforeEach(async () => {
  practice = await foundPractice(portal);
  account = await openAccountFor(portal, practice, { limitCents: 99_900 });
  saleId = await sellTo(portal, practice, account, { amountCents: 60_000 });
  await payOn(portal, account, 100);
});

test("these tests are those of a superuser, against whom the guards have to hold", () => {
  expect(rows).toMatchObject([{ rolsuper: true }]);
});

describe("whoever smuggles a statement into a page is the portal's own role, and changes no history:", () => {
  const notAllowed = "42501";
  const owner = rows[0]?.owner;
  test.each([
    ["update ledger_entries set amount_cents = amount_cents * 2"],
    ["delete from ledger_entries"],
    ["truncate ledger_entries"],
    ["insert into ledger_entries select transaction_id, 99, account_id, sale_id, 1 from ledger_entries limit 1"],
    ["insert into ledger_transactions select * from ledger_transactions"],
    ["insert into ledger_accounts (kind) values ('write_off')"],
    ["update ledger_accounts set balance_cents = 0"],
    ["update ledger_transactions set effective_on = '2020-01-01'"],
    ["delete from ledger_transactions"],
    ["select * from ledger_entries for update"],
    ["truncate ledger_transactions cascade"],
    ["truncate transactions cascade"],
    ["delete from transactions"],
    ["update transactions set amount_cents = 1", "23001"],
    ["update payments set amount_cents = 1"],
    ["delete from payments"],
    ["update account_events set event = '{}'", "23001"],
    ["delete from account_events"],
    ["update statements set new_balance_cents = 0"],
    ["update audit_events set action = 'nothing'"],
    ["delete from audit_events"],
    ["truncate audit_events"],
    ["delete from knex_migrations"],
    ["alter table ledger_entries disable trigger all"],
    ["alter table ledger_entries disable trigger ledger_entries_keep"],
    ["alter table ledger_entries add column note text"],
    ["alter table ledger_entries owner to current_user"],
    ["drop trigger ledger_entries_keep on ledger_entries"],
    ["drop table ledger_entries"],
    ["drop function post_all_to_ledger"],
    ["create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'"],
    ["create rule quiet as on insert to ledger_entries do instead nothing"],
    ["create trigger mine before insert on ledger_entries for each row execute function refuse_change()"],
    ["create table ledger_entries_of_mine (amount_cents bigint)"],
    ["create temporary table ledger_entries (amount_cents bigint)"],
    ["create schema mine"],
    ["create function mine() returns int language sql as 'select 1'"],
    ["create extension dblink"],
    ["create role mine superuser"],
    ["alter role current_user superuser"],
    ["grant all on ledger_entries to current_user; delete from ledger_entries"],
    ["set session_replication_role = 'replica'"],
    ["set local session_replication_role = 'replica'"],
    ["copy ledger_entries from program 'true'"],
    [`set role "${owner}"`],
    [`set local role "${owner}"`],
    [`set session authorization "${owner}"`],
    [`grant "${owner}" to current_user`],
    ["reset role; delete from ledger_entries"],
    ["reset session authorization; delete from ledger_entries"],
    ["rollback; reset all; begin; delete from ledger_entries"],
    ["commit; reset all; delete from ledger_entries"],
  ])("%s", async (statement, code = notAllowed) => {
    const before = await wholeBooks();
    const trying = portal.parts.db.transaction((trx) => trx.raw(statement));
    await expect(trying).rejects.toMatchObject({ code });
    expect(await wholeBooks()).toEqual(before);
  });

  test("not through a name of its own that stands before the ledger's", async () => {
    const trying = portal.parts.db.transaction(async (trx) => {
      await trx.raw("set local search_path = pg_temp, public");
      await post(trx, somePosting());
      await trx.raw("create temporary table ledger_entries (amount_cents bigint)");
    });
    await expect(trying).rejects.toMatchObject({ code: notAllowed });
  });

  test("it is a role that owns nothing, is nobody's member, and may post and read", async () => {
    const own = portal.parts.db;
    const { rows: owned } = await own.raw("select relname from pg_class where relowner = current_user::regrole");
    expect(owned).toEqual([]);
    const { rows: memberships } = await own.raw("select 1 from pg_auth_members where member = current_user::regrole");
    expect(memberships).toEqual([]);
    const posting = somePosting();
    expect(await own.transaction((trx) => post(trx, posting))).toBe(true);
    expect(await own("ledger_entries").where({ transaction_id: posting.id })).toHaveLength(2);
    await recordAs(posting);
  });
});

describe.each([
  ["as the owner of the tables", ""],
  ["as one who told the triggers to be quiet", "set local session_replication_role = 'replica';"],
])("nobody changes what was written, %s:", (_who, first) => {
  test.each([
    "update ledger_entries set amount_cents = amount_cents * 2",
    "update ledger_entries set account_id = (select id from ledger_accounts where kind = 'cash_in')",
    "delete from ledger_entries",
    "truncate ledger_entries",
    "update ledger_transactions set effective_on = '2020-01-01'",
    "delete from ledger_transactions",
    "truncate ledger_transactions cascade",
    "update ledger_accounts set owner_id = gen_random_uuid() where owner_id is not null",
    "delete from ledger_accounts",
    "truncate ledger_accounts cascade",
    "update transactions set amount_cents = 1",
    "update transactions set account_id = (select id from accounts order by id desc limit 1), business_on = '2020-01-01'",
    "update transactions set refunded_cents = 100; update transactions set refunded_cents = 0",
    "delete from transactions",
    "truncate transactions cascade",
    "update payments set amount_cents = 1",
    "delete from payments",
    "truncate payments cascade",
    "update account_events set happened_on = '2020-01-01'",
    "delete from account_events",
    "truncate account_events",
    "update audit_events set action = 'nothing'",
    "delete from audit_events",
    "truncate audit_events",
  ])("%s", async (statement) => {
    const trying = inOneTransaction(async (trx) => {
      await trx.raw(`${first} ${statement}`);
      throw new Error("The database would have done it");
    });
    await expect(trying).rejects.toMatchObject({ code: "23001" });
  });
});

describe.each([
  ["as the code does", ""],
  ["with the triggers told to be quiet", "set local session_replication_role = 'replica'"],
])("the database itself refuses, %s,", (_who, first) => {
  const refused = async (work: (trx: Trx) => Promise<unknown>) => {
    const failing = inOneTransaction(async (trx) => {
      if (first) await trx.raw(first);
      await work(trx);
      await trx.raw("set constraints all immediate"); // what a commit would say
      throw new Error("The database would have taken it"); // and must not keep it: it could never be deleted again
    });
    await expect(failing).rejects.toMatchObject({ code: "23514" });
  };

  test("a posting that does not add up to zero", () =>
    refused((trx) =>
      postRaw(trx, {
        entries: [
          ["receivable", account.id, 500],
          ["payable", practice.id, -499],
        ],
      }),
    ));

  test("a posting of one entry", () => refused((trx) => postRaw(trx, { entries: [["receivable", account.id, 500]] })));

  test("a posting of no entries", () => refused((trx) => postRaw(trx, { entries: [] })));

  test("a posting of no entries, put in by hand", () =>
    refused((trx) => trx("ledger_transactions").insert({ ...byHand(), account_ids: [], sale_ids: [], cents: [] })));

  test("a posting that names more accounts than amounts, or fewer balances", async () => {
    const { account_ids } = await db("ledger_transactions").where({ id: saleId }).first("account_ids");
    const [one, other] = account_ids;
    const lists = { account_ids: [one, other], sale_ids: [null, null], cents: [5, -5] };
    for (const wrong of [
      { account_ids: [one, other, one] },
      { sale_ids: [null] },
      { cents: [5] },
      { cents: [5, -4] },
    ]) {
      await refused((trx) => trx("ledger_transactions").insert({ ...byHand(), ...lists, ...wrong }));
    }
  });

  test("a ledger account of no kind, of nobody where somebody owns it, of somebody where nobody does", async () => {
    for (const wrong of [
      { kind: "pocket" },
      { kind: "payable" },
      { kind: "receivable", owner_id: null },
      { kind: "write_off", owner_id: randomUUIDv7() },
    ]) {
      await refused((trx) => trx("ledger_accounts").insert(wrong));
    }
  });

  test("a balance on an account that all share", async () => {
    await refused((trx) => trx("ledger_accounts").where({ kind: "cash_in" }).update({ balance_cents: 1 }));
    await refused((trx) => trx("ledger_accounts").insert({ kind: "write_off", balance_cents: 1 }));
  });

  test("an entry of nothing", () =>
    refused((trx) =>
      postRaw(trx, {
        entries: [
          ["receivable", account.id, 500],
          ["payable", practice.id, -500],
          ["cash_in", null, 0],
        ],
      }),
    ));

  test("an entry added to a posting by hand", () =>
    refused(async (trx) => {
      const { account_id } = await trx("ledger_entries").where({ transaction_id: saleId }).first("account_id");
      await trx("ledger_entries").insert({ transaction_id: saleId, line: 99, account_id, amount_cents: 1 });
    }));

  test("two entries that balance each other, added to an earlier posting", () =>
    refused(async (trx) => {
      await postRaw(trx, {
        kind: "payment",
        entries: [
          ["cash_out", null, 1],
          ["interest_income", null, -1],
        ],
      });
      for (const [line, kind, amount_cents] of [
        [98, "cash_out", 100],
        [99, "interest_income", -100],
      ] as const) {
        const { id } = await trx("ledger_accounts").where({ kind }).first("id");
        await trx("ledger_entries").insert({ transaction_id: saleId, line, account_id: id, amount_cents });
      }
    }));

  test("a sale above the available credit", () => refused((trx) => saleByHand(trx, { amountCents: 40_001 })));

  test("a sale on a closed account", async () => {
    await db("accounts").where({ id: account.id }).update({ closed_on: "2026-11-01" });
    await refused((trx) => saleByHand(trx, { amountCents: 100 }));
  });

  test("a refund of more than the sale", () => refused((trx) => refundByHand(trx, { amountCents: 60_001 })));

  test("a refund that the sale does not count", () =>
    refused((trx) => refundByHand(trx, { amountCents: 100, countedCents: 0 })));

  test("a refund that the sale counts as less than it is", () =>
    refused((trx) => refundByHand(trx, { amountCents: 100, countedCents: 99 })));

  test("refunds that are each less than the sale and together more", () =>
    refused(async (trx) => {
      await refundByHand(trx, { amountCents: 40_000 });
      await refundByHand(trx, { amountCents: 20_001 });
    }));

  test("a refund of a fee that was not taken", () =>
    refused((trx) => refundByHand(trx, { amountCents: 60_000, feeCents: 60_000 })));

  test("a sale of nothing", () => refused((trx) => saleByHand(trx, { amountCents: 0 })));
});

test("what the code may do, the same hands may: a sale within the limit, a refund within the sale", async () => {
  await inOneTransaction((trx) => saleByHand(trx, { amountCents: 40_000 }));
  await inOneTransaction((trx) => refundByHand(trx, { amountCents: 60_000 }));
  expect(await checkLedger(db)).toEqual([]);
});

test("a sale without its posting is refused, and so is one whose posting is another's", async () => {
  await expect(
    inOneTransaction((trx) => transactionRow(trx, { id: randomUUIDv7(), amountCents: 100 })),
  ).rejects.toMatchObject({ code: "23503" });
  await expect(inOneTransaction((trx) => transactionRow(trx, { id: saleId, amountCents: 100 }))).rejects.toMatchObject({
    code: "23505",
  });
});

test("a posting on an account that is not there is refused", async () => {
  const lists = { account_ids: [randomUUIDv7(), randomUUIDv7()], sale_ids: [null, null], cents: [5, -5] };
  const posting = inOneTransaction((trx) => trx("ledger_transactions").insert({ ...byHand(), ...lists }));
  await expect(posting).rejects.toMatchObject({ code: "23502" });
});

describe("a posting happens once:", () => {
  test("the same again changes nothing and says so", async () => {
    const posting = somePosting();
    expect(await db.transaction((trx) => post(trx, posting))).toBe(true);
    expect(await db.transaction((trx) => post(trx, posting))).toBe(false);
    expect(await entriesOf(posting.id)).toHaveLength(2);
    await recordAs(posting);
  });

  test("two in one call under one id are refused, and never become one of both", async () => {
    const [one, other] = [somePosting(), somePosting()];
    const trying = db.transaction((trx) => postAll(trx, [one, { ...other, id: one.id }]));
    await expect(trying).rejects.toMatchObject({ code: "23505" });
    expect(await entriesOf(one.id)).toEqual([]);
  });

  test("the same by five at once is one", async () => {
    const posting = somePosting();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => db.transaction((trx) => post(trx, posting))));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await entriesOf(posting.id)).toHaveLength(2);
    await recordAs(posting);
  });

  test.each([
    [
      "amount",
      (posting: Posting) => ({
        ...posting,
        entries: posting.entries.map((entry) => ({ ...entry, amountCents: entry.amountCents * 2 })),
      }),
    ],
    ["day", (posting: Posting) => ({ ...posting, effectiveOn: "2026-11-22" })],
    ["kind", (posting: Posting) => ({ ...posting, kind: "refund" as const })],
    [
      "account",
      (posting: Posting) => ({
        ...posting,
        entries: posting.entries.map((entry, line) =>
          line ? { ...entry, account: { kind: "cash_out" as const } } : entry,
        ),
      }),
    ],
  ])("the same id with another %s is refused, and the first stays", async (_what, change) => {
    const posting = somePosting();
    await db.transaction((trx) => post(trx, posting));
    const before = await entriesOf(posting.id);
    await expect(db.transaction((trx) => post(trx, change(posting)))).rejects.toThrow("posted with other content");
    expect(await entriesOf(posting.id)).toEqual(before);
    await recordAs(posting);
  });

  test("of many, those posted before are passed over, and one of them with another content refuses all", async () => {
    const [first, second, third] = [somePosting(), somePosting(), somePosting()];
    expect(await db.transaction((trx) => postAll(trx, [first, second]))).toBe(2);
    expect(await db.transaction((trx) => postAll(trx, [second, third, first]))).toBe(1);
    expect(await db.transaction((trx) => postAll(trx, [third]))).toBe(0);
    expect(await db.transaction((trx) => postAll(trx, []))).toBe(0);
    const fourth = somePosting();
    for (const changed of [
      { ...first, kind: "refund" as const },
      { ...first, effectiveOn: "2026-11-22" },
      { ...first, reversesId: second.id },
      { ...first, entries: first.entries.map((entry) => ({ ...entry, amountCents: 2 * entry.amountCents })) },
      { ...first, entries: first.entries.toReversed() },
    ]) {
      const posting = db.transaction((trx) => postAll(trx, [fourth, changed]));
      await expect(posting).rejects.toThrow(`${first.id} was posted with other content`);
    }
    expect(await entriesOf(fourth.id)).toEqual([]);
    for (const each of [first, second, third]) {
      expect((await entriesOf(each.id)).map(({ line, amount_cents }) => [line, amount_cents])).toEqual([
        [1, -100],
        [2, 100],
      ]);
      await recordAs(each);
    }
  });

  test("alone and among many: an entry of nothing is left out, each says its sale, its day and what it takes back", async () => {
    const [alone, second, third] = [{}, {}, { reversesId: saleId }].map((given) => ({
      ...somePosting(),
      kind: "credit" as const,
      effectiveOn: "2026-11-20" as const,
      ...given,
      entries: (
        [
          [100, saleId],
          [0, undefined],
          [-100, undefined],
        ] as const
      ).map(([amountCents, own]) => ({
        account: { kind: "receivable" as const, ownerId: account.id, saleId: own },
        amountCents,
      })),
    }));
    if (!alone || !second || !third) throw new Error("three were made");
    await db.transaction((trx) => post(trx, alone));
    await db.transaction((trx) => postAll(trx, [second, third]));
    for (const { id, reversesId = null } of [alone, second, third]) {
      expect((await entriesOf(id)).map(({ line, sale_id, amount_cents }) => [line, sale_id, amount_cents])).toEqual([
        [1, saleId, 100],
        [2, null, -100],
      ]);
      expect(await db("ledger_transactions").where({ id }).first()).toMatchObject({
        kind: "credit",
        effective_on: "2026-11-20",
        reverses_id: reversesId,
        posted_at: portal.clock.now(),
      });
    }
    const left = await receivableBySale(db, account.id);
    expect([left.get(saleId), left.get(null)]).toEqual([300, 59_600]);
  });

  test("what does not balance never reaches the database", async () => {
    const posting = somePosting();
    const [first] = posting.entries;
    const each100 = posting.entries.map((entry) => ({ ...entry, amountCents: 100 }));
    for (const { entries, cents } of [
      { entries: [], cents: 0 },
      { entries: first ? [first] : [], cents: first?.amountCents },
      { entries: each100, cents: 100 * each100.length },
    ]) {
      const posted = db.transaction((trx) => post(trx, { ...posting, entries }));
      await expect(posted).rejects.toThrow(`Posting ${posting.id} does not balance: ${cents} cents`);
    }
  });

  test("what is rolled back was never posted, balances and all", async () => {
    const before = await wholeBooks();
    const failing = db.transaction(async (trx) => {
      await post(trx, somePosting());
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    expect(await wholeBooks()).toEqual(before);
  });
});

test("postings between the same accounts in both directions at once do not lock each other out", async () => {
  const other = await openAccountFor(portal, practice);
  const owed = (ownerId: string, amountCents: number) => ({
    account: { kind: "receivable" as const, ownerId },
    amountCents,
  });
  const payments = Array.from({ length: 12 }, (_, index) => {
    const [from, to] = index % 2 ? [account.id, other.id] : [other.id, account.id];
    return { ...somePosting(), from, entries: [owed(to, 100), owed(from, -100)] };
  });
  await Promise.all(payments.map(({ from: _, ...posting }) => db.transaction((trx) => post(trx, posting))));
  for (const { id, from } of payments) await recordAsPayment(id, from);
  const balances = await db("ledger_accounts").whereIn("owner_id", [account.id, other.id]).sum("balance_cents as sum");
  expect(Number(balances[0]?.sum)).toBe(59_900);
});

test("postings that begin the ledger accounts of both sides, in both directions at once, do not lock each other out either", async () => {
  for (let round = 0; round < 5; round += 1) {
    const [one, other] = [await openAccountFor(portal, practice), await openAccountFor(portal, practice)];
    const owed = (ownerId: string, amountCents: number) => ({
      account: { kind: "receivable" as const, ownerId },
      amountCents,
    });
    const between = Array.from({ length: 8 }, (_, index) => {
      const [from, to] = index % 2 ? [one.id, other.id] : [other.id, one.id];
      return { ...somePosting(), from, entries: [owed(to, 100), owed(from, -100)] };
    });
    await Promise.all(between.map(({ from: _, ...posting }) => db.transaction((trx) => post(trx, posting))));
    for (const { id, from } of between) await recordAsPayment(id, from);
  }
});

afterEach(() => db("accounts").where({ id: account.id }).update({ closed_on: null }));

type Posting = Parameters<typeof post>[1];

/** A payment of a dollar, as the ledger knows it. */
function somePosting(): Posting {
  return {
    id: randomUUIDv7(),
    kind: "payment",
    effectiveOn: "2026-11-23",
    postedAt: portal.clock.now(),
    entries: [
      { account: { kind: "receivable", ownerId: account.id }, amountCents: -100 },
      { account: { kind: "cash_in" }, amountCents: 100 },
    ],
  };
}

/** Gives the posting the row that belongs to it, so that the books balance. */
const recordAs = ({ id }: Posting) => recordAsPayment(id, account.id);

async function recordAsPayment(id: string, accountId: string): Promise<void> {
  const received = { amount_cents: 100, received_on: "2026-11-23", recorded_at: portal.clock.now() };
  await db("payments").insert({ id, account_id: accountId, ...received });
}

const entriesOf = (id: string) => db("ledger_entries").where({ transaction_id: id }).orderBy("line");

const inOneTransaction = (work: (trx: Trx) => Promise<unknown>) => db.transaction(work);

/** A posting as a hand would put it in the table, but for its entries. */
const byHand = () => ({ id: randomUUIDv7(), kind: "sale", effective_on: "2026-11-23", posted_at: new Date() });

type RawEntry = [kind: string, ownerId: string | null, amountCents: number];

/** Past the code, which would refuse first. */
async function postRaw(trx: Trx, given: { id?: string; kind?: string; entries: RawEntry[] }): Promise<void> {
  const { id = randomUUIDv7(), kind = "sale", entries } = given;
  await trx.raw("select post_to_ledger(?, ?, '2026-11-23', now(), null, ?, ?, ?, ?, ?)", [
    id,
    kind,
    entries.map(([account]) => account),
    entries.map(([, ownerId]) => ownerId) as string[],
    entries.map(() => null) as unknown as string[],
    entries.map(([, , cents]) => cents),
    entries.map((_, index) => index + 1),
  ]);
}

async function saleByHand(trx: Trx, { amountCents }: { amountCents: number }): Promise<void> {
  const id = randomUUIDv7();
  await transactionRow(trx, { id, amountCents });
  await postRaw(trx, {
    id,
    entries: [
      ["receivable", account.id, amountCents],
      ["payable", practice.id, -amountCents],
    ],
  });
}

async function refundByHand(
  trx: Trx,
  given: { amountCents: number; countedCents?: number; feeCents?: number },
): Promise<void> {
  const id = randomUUIDv7();
  const { amountCents, countedCents = amountCents, feeCents = 0 } = given;
  await trx("transactions")
    .where({ id: saleId })
    .increment({ refunded_cents: countedCents, refunded_fee_cents: feeCents });
  await transactionRow(trx, { id, amountCents, feeCents, refundOf: saleId });
  const entries: RawEntry[] = [
    ["receivable", account.id, -amountCents],
    ["payable", practice.id, amountCents],
  ];
  await postRaw(trx, { id, kind: "refund", entries });
}

async function transactionRow(
  trx: Trx,
  given: { id: string; amountCents: number; feeCents?: number; refundOf?: string },
): Promise<void> {
  const sale = await trx("transactions").where({ id: saleId }).first();
  await trx("transactions").insert({
    ...sale,
    id: given.id,
    amount_cents: given.amountCents,
    fee_cents: given.feeCents ?? 0,
    refunded_cents: 0,
    refunded_fee_cents: 0,
    ...(given.refundOf ? { kind: "refund", sale_id: given.refundOf } : {}),
  });
}

/** All that the guards guard. */
async function wholeBooks(): Promise<unknown> {
  const tables = [
    "ledger_accounts",
    "ledger_transactions",
    "ledger_entries",
    "transactions",
    "audit_events",
    "payments",
    "account_events",
    "statements",
  ];
  const found = await Promise.all(tables.map((table) => db.raw("select t::text as row from ?? t order by 1", [table])));
  return found.map(({ rows: kept }) => kept);
}
