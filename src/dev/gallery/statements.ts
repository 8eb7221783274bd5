import { openAccount } from "../../credit/account.ts";
import { closeOnOrAfter } from "../../credit/cycle.ts";
import { happen, runThrough } from "../../credit/engine.ts";
import type { AccountEvent } from "../../credit/events.ts";
import type { PlanId } from "../../credit/plans.ts";
import { type Run, startRun } from "../../credit/run.ts";
import type { PostingKind } from "../../ledger/post.ts";
import type { IsoDate } from "../../lib/dates.ts";
import type { Language } from "../../lib/language.ts";
import type { Cents } from "../../lib/money.ts";
import { composeStatement } from "../../statements/compose.ts";
import { composeFigures } from "../../statements/compose-figures.ts";
import { arithmeticOf } from "../../statements/explain-statement.ts";
import { type StatementFacts, withWhatFollows } from "../../statements/find-statement.ts";
import * as sample from "../samples.ts";
import type { Shown } from "./shown.ts";

export const sampleProgram = {
  name: "Caraway",
  phone: "(800) 555-0142",
  hours: "Monday to Friday, 8 AM to 8 PM Eastern",
  address: "PO Box 1400, Wilmington, DE 19899",
};
const path = `/console/accounts/${sample.maria.id}/statements`;
const opened = { openedOn: "2026-01-05", cycleDay: 15, standardApr: "32.99", limitCents: 800_000 };

const sale = (date: IsoDate, plan: PlanId, amountCents: Cents, id = sample.ids.draft): AccountEvent => ({
  type: "sale",
  id,
  date,
  plan,
  amountCents,
});
const payment = (date: IsoDate, amountCents: Cents): AccountEvent => ({ type: "payment", id: date, date, amountCents });

/** The last statement of an account on which these things happened, by the engine. */
function lastStatement(events: AccountEvent[], until: IsoDate, closedOn: IsoDate | null = null): StatementFacts {
  const run: Run = { ...startRun(openAccount(opened)), closings: [] };
  for (const event of events) happen(run, event);
  runThrough(run, closeOnOrAfter(until, opened.cycleDay));
  const [previous, statement] = run.statements.slice(-2);
  const before = run.closings?.at(-1);
  if (!previous || !statement || !before) throw new Error("a sample has two statements at least");
  const isCalendars = (kind: string) =>
    ["interest", "minimum-interest", "deferred-interest", "late-fee"].includes(kind);
  return withWhatFollows({
    accountId: sample.maria.id,
    last4: "4417",
    language: "en",
    limitCents: opened.limitCents,
    accountClosedOn: closedOn,
    statement,
    previousCents: previous.newBalanceCents,
    before,
    patient: { name: "Maria Alvarez", street: "1208 Willow Creek Dr", city: "Austin", state: "TX", zip: "78704" },
    lines: run.postings
      .filter(({ on }) => on >= statement.firstDay && on <= statement.closedOn)
      .map(({ on, kind, balance, cents, event }) => ({
        id: event ?? `${on} ${kind}`,
        on,
        balance,
        cents,
        kind: kind.replace("minimum-interest", "interest").replaceAll("-", " ") as PostingKind,
        ...(isCalendars(kind)
          ? { practiceName: null, place: null }
          : { practiceName: "Riverside Dental", place: "Austin, TX" }),
      })),
    sales: new Map(events.map(({ id }) => [id, { cents: 120_000, practiceName: "Riverside Dental" }])),
  });
}

const deferred = sale("2026-01-10", "deferred-12", 120_000);
const monthly = (from: number, through: number, cents: Cents) =>
  Array.from({ length: through - from + 1 }, (_, at) =>
    payment(`2026-${String(from + at).padStart(2, "0")}-11`, cents),
  );

export const sampleStatements = {
  "no activity": lastStatement([], "2026-03-15"),
  "two promotions": lastStatement(
    [deferred, sale("2026-01-20", "fixed-24", 240_000, sample.ids.request), ...monthly(2, 4, 16_000)],
    "2026-04-15",
  ),
  "deferred interest about to hit": lastStatement([deferred, ...monthly(2, 12, 9_000)], "2026-12-15"),
  "deferred interest charged": lastStatement([deferred, ...monthly(2, 12, 9_000)], "2027-01-15"),
  "late, interest and fee": lastStatement([sale("2026-01-10", "standard", 82_000)], "2026-03-15"),
  "closed account": lastStatement(
    [sale("2026-01-10", "standard", 9_000), payment("2026-02-01", 9_000)],
    "2026-02-15",
    "2026-02-20",
  ),
  credit: lastStatement([sale("2026-01-10", "standard", 9_000), payment("2026-02-01", 14_500)], "2026-02-15"),
};

const shown = (facts: StatementFacts, language: Language = "en"): Shown => {
  const statement = composeStatement(facts, sampleProgram, language);
  return {
    view: "statements/statement",
    viewer: sample.support,
    data: {
      page: { title: statement.title, back: { href: path, label: "Statements" } },
      statement,
      path: `${path}/3`,
      figures: `${path}/3/figures`,
    },
  };
};

const explained = (facts: StatementFacts, language: Language = "en"): Shown => {
  const year = [{ closedOn: facts.statement.closedOn, ...facts.statement.yearToDate }];
  const figures = composeFigures(facts, { ...arithmeticOf(facts), year }, language);
  const page = { title: figures.title, back: { href: `${path}/3`, label: "Statement" } };
  return { view: "statements/figures", viewer: sample.support, data: { page, explained: figures } };
};

const born = (data: object = {}): Shown => ({
  view: "born",
  viewer: null,
  data: {
    page: { title: "Your statement / Su estado de cuenta", forPatient: true },
    typed: {},
    heading: ["Your statement", "Su estado de cuenta"],
    action: "/my-statement/token",
    ...data,
  },
});
const statements = sample.statements.map((each, at) => ({ ...each, number: at + 1 }));
const patient = { accountId: sample.maria.id, name: sample.maria.patientName, last4: "4417" };
const list = (data: object): Shown => ({
  view: "statements/list",
  viewer: sample.support,
  data: { page: { title: "Statements", back: { href: "/console", label: "Console" } }, patient, ...data },
});
const inSpanish = composeStatement(sampleStatements["two promotions"], sampleProgram, "es");

/** Statements as staff and patients see them. */
export const statementPages: Record<string, Record<string, Shown>> = {
  statement: {
    ...Object.fromEntries(Object.entries(sampleStatements).map(([state, facts]) => [state, shown(facts)])),
    "in Spanish": shown(sampleStatements["deferred interest charged"], "es"),
  },
  "statement figures": {
    "two promotions": explained(sampleStatements["two promotions"]),
    "interest and fee": explained(sampleStatements["late, interest and fee"]),
    "deferred charged": explained(sampleStatements["deferred interest charged"]),
    "no activity": explained(sampleStatements["no activity"]),
    "in Spanish": explained(sampleStatements["deferred interest about to hit"], "es"),
  },
  "statement list": { some: list({ statements }), none: list({ statements: [] }) },
  "statement of the patient": {
    born: born(),
    wrong: born({
      typed: { bornOn: "03/12/1983" },
      errors: {
        bornOn:
          "That is not the date of birth we have. You have 4 more tries. / Esa no es la fecha de nacimiento que tenemos. Le quedan 4 intentos.",
      },
    }),
    open: {
      view: "statements/my-statement",
      viewer: null,
      data: {
        lang: "es",
        page: { title: inSpanish.title, wide: true, forPatient: true },
        statement: inSpanish,
        path: "/my-statement/token",
        figures: "/my-statement/token/figures",
      },
    },
  },
};
