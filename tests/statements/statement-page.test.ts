import { describe, expect, test } from "vitest";
import { endDays } from "../../src/accounts/end-days.ts";
import { sampleProgram, sampleStatements } from "../../src/dev/gallery/statements.ts";
import { runNightly } from "../../src/nightly.ts";
import { composeStatement } from "../../src/statements/compose.ts";
import { composeFigures } from "../../src/statements/compose-figures.ts";
import type { Block } from "../../src/statements/document.ts";
import { arithmeticOf } from "../../src/statements/explain-statement.ts";
import { wordsIn } from "../../src/statements/words.ts";
import { lookAt } from "../console/support.ts";
import type { Browser } from "../support/browser.ts";
import {
  foundMallorys,
  foundPractice,
  hireSam,
  logIn,
  openAccountFor,
  payOn,
  sellTo,
  type TestPerson,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const { db, clock, parts } = portal;
const practice = await foundPractice(portal);
const { mallory } = await foundMallorys(portal);
const sam = await hireSam(portal);

// Opened on November 23: a deferred and a standard sale, two statements, one of them paid late.
const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
const deferred = await sellTo(portal, practice, account, { planId: "deferred-12", amountCents: 120_000 });
await sellTo(portal, practice, account, { amountCents: 50_000 });
clock.advance({ days: 10 });
await payOn(portal, account, 12_000);
clock.advance({ days: 40 });
await runNightly(parts);
const path = `/console/accounts/${account.id}/statements`;

/** Sam's browser, after the reason to look at the account. */
async function deskOf(person: TestPerson): Promise<Browser> {
  const browser = await logIn(portal, person);
  await lookAt(browser, path);
  return browser;
}

test("nothing of a statement is shown before support says why, and the reason stands in the audit log", async () => {
  const browser = await logIn(portal, await hireSam(portal));
  for (const each of [path, `${path}/2`, `${path}/2/figures`, `${path}/2/pdf`]) {
    const page = await browser.get(each);
    expect([each, page.heading]).toEqual([each, "Why do you look?"]);
    expect(page.text).not.toMatch(/Payment due date|\$\d/);
  }
  const page = await lookAt(browser, `${path}/2`, "Disputes the late fee");
  expect(page.text).toContain("Payment due date");
  const look = await db("audit_events").where({ action: "account looked up", subject_id: account.id }).first();
  expect(look.details).toMatchObject({ reason: "Disputes the late fee" });
});

test("support sees the whole statement: what is due, warnings, promotions, summary, interest, errors", async () => {
  const browser = await deskOf(sam);
  const list = await browser.get(path);
  expect(list.text).toContain("Nov 23, 2026");
  const first = (await browser.get(`${path}/1`)).text;
  expect(first).toMatch(/New balance \$1,700\.00 Minimum payment due \$30\.00 Payment due date Dec 20, 2026/);
  const page = await browser.get(`${path}/2`);
  for (const words of [
    /Previous balance \$1,700\.00 Payments −\$120\.00 Refunds and other credits \$0\.00 Purchases \$0\.00 Fees charged \$0\.00/,
    /you may have to pay a late fee of up to \$41\.00/,
    /If you make only the minimum payment each period, you will pay more in interest/,
    /Only the minimum payment (Never|\d+ (months|years))/,
    /information about credit counseling services, call/,
    /You must pay your promotional balance of Nov 23, 2026 in full by Nov 23, 2027/,
    /Deferred interest charges are not owed/,
    /Total fees for this period \$0\.00/,
    /Total interest charged in 2026/,
    /Balance subject to interest rate/,
    /If we receive \$[\d,.]+ by Jan 20, 2027, the current cycle bears none/,
    /Write to us at this address: Caraway, PO Box 1400/,
    /within 60 days after the error appeared/,
  ]) {
    expect(page.text).toMatch(words);
  }
  const looks = await db("audit_events").where({
    action: "statement looked at",
    subject_id: account.id,
    user_id: sam.id,
  });
  expect(looks.map(({ user_id, details }) => [user_id, details.number])).toEqual([
    [sam.id, 1],
    [sam.id, 2],
  ]);
});

test("the figures of a statement add up, by the ledger", async () => {
  const browser = await deskOf(sam);
  const { text } = await browser.get(`${path}/2`);
  const [, ...parts] =
    /Previous balance (\S+) Payments (\S+) Refunds and other credits (\S+) Purchases (\S+) Fees charged (\S+) Interest charged (\S+) New balance (\S+)/.exec(
      text,
    ) ?? [];
  const cents = parts.map((part) => Math.round(Number(part.replace("−", "-").replace(/[$,]/g, "")) * 100));
  expect(cents.slice(0, -1).reduce((sum, each) => sum + each, 0)).toBe(cents.at(-1));
});

test("it is there in Spanish, whole", async () => {
  const browser = await deskOf(sam);
  const page = await (await browser.get(`${path}/2`)).click("En español");
  expect(page.html).toContain('lang="es"');
  expect(page.text).toContain("Fecha de vencimiento del pago 20 de enero de 2027");
  expect(page.text).toContain("Debe pagar por completo su saldo promocional del 23 de noviembre de 2026");
  const own = /<article.*<\/article>/s.exec(page.html)?.[0] ?? "";
  expect(own).not.toMatch(/\b(the|your|payment|balance|interest|with|from)\b(?![^<]*>)/i);
});

test("each figure opens to the entries and the arithmetic behind it", async () => {
  const browser = await deskOf(sam);
  const page = await (await browser.get(`${path}/2`)).click("How each figure came about");
  expect(page.text).toMatch(/Previous balance \$1,700\.00/);
  expect(page.text).toMatch(/Dec 3, 2026 Payment −\$120\.00 \$1,580\.00/);
  expect(page.text).toMatch(/the larger of \$30\.00 and \$\d+\.\d\d \(1\.00%\)/);
  expect(page.html).toContain(`id="deferred-${deferred}"`);
  const statement = await browser.get(`${path}/2`);
  const anchors = [...statement.html.matchAll(/figures#([\w-]+)"/g)].map(([, anchor]) => anchor);
  for (const anchor of new Set(anchors)) expect(page.html).toContain(`id="${anchor}"`);
});

describe.each(Object.entries(sampleStatements))("the statement “%s”", (_, facts) => {
  const year = [{ closedOn: facts.statement.closedOn, ...facts.statement.yearToDate }];
  const why = { ...arithmeticOf(facts), year };

  test.each(["en", "es"] as const)("leads from every amount to the section that explains it, in %s", (language) => {
    const sections = composeFigures(facts, why, language).sections.map(({ id }) => id);
    const statement = composeStatement(facts, sampleProgram, language);
    const amounts = statement.sections.flatMap(({ blocks }) => blocks.flatMap(amountsOf));
    expect(amounts.length).toBeGreaterThan(5);
    // What the patient may borrow was decided, not worked out.
    const given = wordsIn[language].limit;
    for (const { words, figure } of amounts)
      if (words !== given) expect([words, sections]).toEqual([words, expect.arrayContaining([figure])]);
  });

  test("is made of balances that add up, and of a grace payment that is divided whole", () => {
    const sum = (cents: number[]) => cents.reduce((total, each) => total + each, 0);
    expect(sum(why.balances.map(({ nowCents }) => nowCents))).toBe(facts.statement.newBalanceCents);
    for (const each of why.balances)
      expect(each.beforeCents + each.boughtCents + each.creditedCents + each.chargedCents).toBe(each.nowCents);
    expect(sum(why.grace.map(({ cents }) => cents))).toBe(facts.graceCents);
    for (const { steps } of why.clearing) expect(steps.at(-1)?.leftCents).toBe(0);
  });
});

/** Each amount of money of a part of a statement, with the words that it stands by. */
function amountsOf(block: Block): { words: string; figure: string | undefined }[] {
  if (block.kind === "facts") {
    const facts = [...block.rows, ...(block.beside ?? [])].filter(({ value }) => value.includes("$"));
    return facts.map(({ name, figure }) => ({ words: name, figure }));
  }
  if (block.kind === "table") {
    return block.rows.flatMap(({ cells, figures }) =>
      cells.flatMap((cell, at) => (cell.includes("$") ? [{ words: cells.join(" "), figure: figures?.[at] }] : [])),
    );
  }
  return block.text.includes("$") ? [{ words: block.text, figure: block.figure }] : [];
}

test("the interest that is explained is the interest that was billed", async () => {
  const late = await openAccountFor(portal, practice);
  await sellTo(portal, practice, late, { amountCents: 82_000 });
  for (const days of [0, 35, 35]) {
    clock.advance({ days });
    await endDays(portal, clock.today());
  }
  const browser = await deskOf(sam);
  const number = (await db("statements").where({ account_id: late.id }).max("number as last").first())?.last;
  const { text } = await lookAt(browser, `/console/accounts/${late.id}/statements/${number}/figures`);
  const { interest_cents } = await db("statements").where({ account_id: late.id, number }).first();
  const [, accrued] = /Accrued by then .*? (\$[\d.,]+) (\$[\d.,]+) was billed at 32\.99% a year/.exec(text) ?? [];
  expect(accrued).toBe(`$${(interest_cents / 100).toFixed(2)}`);
});

test("it comes as a PDF, and the look is written down", async () => {
  const browser = await deskOf(sam);
  const page = await browser.ask("GET", `${path}/2/pdf?language=es`);
  expect([page.status, page.header("content-type")]).toEqual([200, "application/pdf"]);
  expect(page.header("content-disposition")).toBe('attachment; filename="statement-2026-12-23.pdf"');
});

test("the practice's account page shows the totals of statements alone, and what missing the date would cost", async () => {
  const browser = await logIn(portal, practice.bob);
  const page = await browser.get(account.path);
  expect(page.text).toMatch(/Deferred interest so far \$[\d.]+ Charged if nothing more is paid \$[\d.]+ /);
  expect(page.text).toMatch(/Statements Totals of the statements/);
  expect(page.html).not.toContain("/console/");
});

test("each figure of the account page leads to what it is made of", async () => {
  const browser = await logIn(portal, practice.bob);
  const page = await browser.get(account.path);
  const parts = await page.click("Owed in all");
  const { minimum_payment_cents } = await db("statements")
    .where({ account_id: account.id })
    .orderBy("number", "desc")
    .first();
  const minimum = `$${(minimum_payment_cents / 100).toFixed(2)}`;
  expect(parts.text).toMatch(/The limit of \$8,000\.00 less what is owed leaves \$[\d,.]+ of available credit/);
  expect(parts.text).toMatch(/the larger of \$30\.00 and \$\d+\.\d\d \(1\.00%\) \+ \$[\d.]+ interest \+ \$[\d.]+ fees/);
  expect(parts.text).toContain(`Minimum payment ${minimum}`);
  for (const anchor of ["available", "minimum"]) {
    expect(page.html).toContain(`/balance#${anchor}"`);
    expect(parts.html).toContain(`id="${anchor}"`);
  }
  const meter = /Charged if nothing more is paid (\$[\d,.]+)/.exec(page.text)?.[1] ?? "";
  const [, payment, times] =
    /To clear it in time, pay (\$[\d,.]+) (?:to the account )?on each of the (\d+) due dates from/.exec(page.text) ??
    [];
  const sale = await browser.get(`${account.path}/balance?sale=${deferred}`);
  expect(sale.text).toContain(`If nothing more is paid through Nov 23, 2027, charged the day after ${meter}`);
  expect(sale.text).toContain(`The least that is enough, ${payment} on each due date`);
  const rows = [...sale.text.matchAll(/\w{3} \d+, \d{4} (\$[\d,.]+) \$[\d,.]+ \$[\d,.]+/g)].map(([, paid]) => paid);
  expect(rows.filter((paid) => paid === payment)).toHaveLength(Number(times));
  expect(sale.text).toMatch(/\$0\.00( |$)/);
});

test("a practice does not see it, and what is not there is not found", async () => {
  for (const person of [practice.alice, practice.bob, mallory]) {
    const browser = await logIn(portal, person);
    for (const each of [path, `${path}/1`, `${path}/1/figures`]) expect((await browser.get(each)).status).toBe(403);
  }
  const browser = await deskOf(sam);
  for (const each of [`${path}/9`, `${path}/0`, `${path}/x`]) expect((await browser.get(each)).status).toBe(404);
});

const linkTo = async (email: string) => {
  const letter = (await portal.messages()).find((each) => each.to === email && each.subject.includes("statement"));
  return /\/my-statement\/\S+/.exec(letter?.text ?? "")?.[0] ?? "";
};

test("the patient opens it by the link and their date of birth, for a quarter of an hour", async () => {
  await runNightly(parts);
  const link = await linkTo(account.person.email);
  const browser = portal.browser();
  const form = await browser.get(link);
  expect(form.text).not.toMatch(/Quill|\$/);
  const wrong = await form.press("Show / Ver", { "Date of birth / Fecha de nacimiento": "04/08/1985" });
  expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining("You have 4 more tries")]);
  expect(wrong.text).toContain("Esa no es la fecha de nacimiento que tenemos. Le quedan 4 intentos.");
  expect([form.heading, wrong.text]).toEqual([
    "Your statement / Su estado de cuenta",
    expect.stringContaining("Hay un problema"),
  ]);
  for (const [typed, told] of [
    ["9 de abril", "Escriba mes, día y año de cuatro cifras"],
    ["", "Escriba su fecha de nacimiento"],
  ] as const) {
    const declined = await wrong.press("Show / Ver", { "Date of birth / Fecha de nacimiento": typed });
    expect(declined.errorAt("Date of birth / Fecha de nacimiento")).toContain(told);
  }
  const page = await wrong.press("Show / Ver", { "Date of birth / Fecha de nacimiento": "04/09/1985" });
  expect([page.status, page.text]).toEqual([200, expect.stringContaining("Payment due date")]);
  expect((await page.click("En español")).text).toContain("Estado de cuenta");
  expect((await portal.browser().get(link)).text).not.toContain("Payment due date");
  expect(portal.logged()).not.toContain(link);
  clock.advance({ minutes: 16 });
  expect((await browser.get(link)).text).not.toContain("Payment due date");
});

test("the patient sees how each figure came about, in the language of the statement, once it is open", async () => {
  const link = await linkTo(account.person.email);
  expect((await portal.browser().get(`${link}/figures`)).text).not.toContain("$");
  const browser = portal.browser();
  const born = { "Date of birth / Fecha de nacimiento": "04/09/1985" };
  await (await browser.get(link)).press("Show / Ver", born);
  const figures = await (await browser.get(`${link}?language=es`)).click("Cómo se calculó cada monto");
  expect(figures.text).toMatch(/Saldo anterior \$[\d,.]+ .*Pago mínimo \$[\d.]+/s);
  expect((await figures.click("Estado de cuenta")).text).toContain("Fecha de vencimiento del pago");
});

test("five wrong dates end a link, however many are tried at once; an old or made-up one shows nothing", async () => {
  const other = await openAccountFor(portal, practice);
  await sellTo(portal, practice, other);
  await endDays(portal, clock.today());
  clock.advance({ days: 1 });
  await runNightly(parts);
  const link = await linkTo(other.person.email);
  const browser = portal.browser();
  await browser.get(link);
  const guesses = await Promise.all(
    Array.from({ length: 12 }, (_, at) => browser.post(link, { bornOn: `01/${10 + at}/1985` })),
  );
  expect(guesses.filter(({ status }) => status === 422)).toHaveLength(5);
  expect(guesses.filter(({ status }) => status === 403)).toHaveLength(7);
  expect((await browser.post(link, { bornOn: "04/09/1985" })).status).toBe(403);
  expect((await browser.get(`${link}x`)).status).toBe(404);
  expect((await browser.get("/my-statement/a%00b")).status).toBe(404);
  clock.advance({ days: 61 });
  expect((await browser.get(link)).status).toBe(404);
});

test("support sends the link of the last statement again: the new one opens, the old one no more, two presses are one", async () => {
  const letters = async () => (await portal.messages()).filter(({ text }) => text.includes("/my-statement/"));
  const linkIn = (text = "") => /\/my-statement\/[\w-]+/.exec(text)?.[0] ?? "";
  const waiting = { account_id: account.id, number: 2 };
  const { token_hash } = await db("statement_letters").where(waiting).first();
  clock.advance({ minutes: 5 });
  const browser = await deskOf(sam);
  const before = (await letters()).length;
  const list = await browser.get(path);
  await list.press("Send the statement’s link again");
  await list.press("Send the statement’s link again");
  const sent = await letters();
  expect(sent).toHaveLength(before + 1);
  expect((await db("statement_letters").orderBy("sent_at", "desc").first()).token_hash).not.toEqual(token_hash);
  expect((await portal.browser().get(linkIn(sent[0]?.text))).status).toBe(200);
  const told = await db("audit_events").where({ action: "statement link sent again", subject_id: account.id });
  expect(told.map(({ user_id, details }) => [user_id, details.reason])).toEqual([[sam.id, "Called about it"]]);

  const clerk = await logIn(portal, practice.bob);
  expect((await clerk.post(`${path}/link`, {})).status).toBe(403);
});
