import { randomUUIDv7 } from "node:crypto";
import { onMorningOf, readBooks } from "../accounts/books.ts";
import { closeAccount } from "../accounts/close-account.ts";
import { endDays } from "../accounts/end-days.ts";
import { recordPayment } from "../accounts/record-payment.ts";
import type { Bureau, Decision } from "../applications/bureau.ts";
import { decideApplication } from "../applications/decide-application.ts";
import type { ApplicationForm } from "../applications/form.ts";
import { submitApplication } from "../applications/submit-application.ts";
import { owedCents } from "../credit/account.ts";
import { closeOnOrAfter, dueDateOf } from "../credit/cycle.ts";
import { minimumStillDue } from "../credit/minimum-payment.ts";
import { type PlanId, planTerms } from "../credit/plans.ts";
import { quotePlan } from "../credit/quote.ts";
import { makeDeposits } from "../deposits/make-deposits.ts";
import { postDeposits } from "../deposits/post-deposits.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { receivableCents } from "../ledger/balances.ts";
import { addDays, addMonths } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Parts } from "../parts.ts";
import { portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import { recordSale, reviewSale } from "../transactions/record-sale.ts";
import { refundSale, reviewRefund } from "../transactions/refund-sale.ts";
import { cycleDayOf, type DemoPatient, fixedPatients, randomPatients } from "./patients.ts";
import { seededRandom } from "./random.ts";

/**
 * Riverside's history, ending yesterday: through the same verbs that the screens use, each at its own day, from a fixed
 * seed. Only the clock, the bureau's answers and the account numbers are given.
 */
export async function makeHistory(parts: Parts): Promise<void> {
  const random = seededRandom(20_261_123);
  const today = parts.clock.today();
  const desk = await viewerOf(parts, "riverside.desk");
  const billing = await viewerOf(parts, "riverside.billing");
  const locations: { id: string }[] = await parts
    .db("locations")
    .where({ practice_id: desk.practice.id })
    .orderBy("name");
  const at = (date: IsoDate): { db: Parts["db"]; clock: Clock } => ({ db: parts.db, clock: clockAt(date, random) });

  const events: { on: IsoDate; happen: () => Promise<unknown> }[] = [];
  const later = (on: IsoDate, happen: () => Promise<unknown>) => void (on < today && events.push({ on, happen }));

  const open = async (patient: DemoPatient, on: IsoDate): Promise<string> => {
    const given = {
      ...parts,
      ...at(on),
      ...givenAnswers(patient),
      program: parts.config.program,
      publicUrl: parts.config.publicUrl,
    };
    const form = asForm(patient, random.pick(locations).id);
    await submitApplication(given, desk, form);
    await decideApplication(given, form.key);
    const { account_id } = await parts.db("applications").where({ id: form.key }).first("account_id");
    return account_id;
  };
  const sell = async (accountId: string, planId: PlanId, amountCents: Cents, on: IsoDate): Promise<string> => {
    const sale = {
      amountCents,
      planId,
      serviceOn: on,
      reference: random.pick(references),
      locationId: random.pick(locations).id,
    };
    const now = at(on);
    const id = randomUUIDv7({ msecs: now.clock.now().getTime() } as object);
    await reviewSale(now, desk, { id, accountId, sale });
    await recordSale(now, desk, { id, accountId, shown: { amountCents, planId } });
    return id;
  };
  const pay = (accountId: string, amountCents: Cents, on: IsoDate) =>
    recordPayment(at(on), portalItself, { id: randomUUIDv7(), accountId, amountCents, receivedOn: on });
  const refund = async (saleId: string, amountCents: Cents, on: IsoDate) => {
    const id = randomUUIDv7();
    await reviewRefund(at(on), billing, { id, saleId, refund: { amountCents, reason: "Service not given" } });
    await refundSale(at(on), billing, { id, saleId, shownCents: amountCents });
  };

  // A visit: a sale on some plan, then now and then a refund, else the payments that clear it.
  const comeOn = (day: IsoDate, accountId: string, limitCents: Cents) =>
    later(day, async () => {
      const planId = random.pick(popularPlans);
      const least = Math.max(planTerms(planId).minimumSaleCents, 12_000);
      const wished = random.between(least / 100, Math.max(least, limitCents / 4) / 100) * 100;
      const amountCents = Math.min(wished, limitCents - (await receivableCents(parts.db, accountId)));
      if (amountCents < least) return;
      const saleId = await sell(accountId, planId, amountCents, day);
      if (random.chance(0.12)) {
        const refundOn = addDays(day, random.between(1, 9));
        later(refundOn, () => refund(saleId, Math.round(amountCents * random.pick([0.25, 0.5, 1])), refundOn));
        return;
      }
      const cycleDay = cycleDayOf(day);
      const quote = quotePlan({ plan: planId, amountCents, standardApr: "32.99", cycleDay, saleDate: day });
      monthlyCents.set(saleId, quote.monthlyPaymentCents);
    });

  // Each due date: what the plans ask for, at least the minimum, at most what is owed; now and then two days late.
  const monthlyCents = new Map<string, Cents>();
  const payWhenDue = (accountId: string, openedOn: IsoDate) => {
    for (let close = closeOnOrAfter(openedOn, cycleDayOf(openedOn)); close < today; close = addMonths(close, 1)) {
      const on = addDays(dueDateOf(close), random.chance(0.03) ? 2 : -random.between(1, 12));
      later(on, async () => {
        const { account } = onMorningOf(await readBooks(parts.db, accountId), { day: on, today: on });
        const wished = account.balances.reduce((sum, { id, plan, balanceCents }) => {
          const monthly = plan === "standard" ? balanceCents : (monthlyCents.get(id) ?? 0);
          return sum + Math.max(0, Math.min(monthly, balanceCents));
        }, 0);
        const cents = Math.min(Math.max(wished, minimumStillDue(account)), owedCents(account));
        if (cents > 0) await pay(accountId, cents, on);
      });
    }
  };

  for (const patient of fixedPatients(today)) {
    later(patient.openedOn, async () => {
      const accountId = await open(patient, patient.openedOn);
      for (const sale of patient.sales) {
        later(sale.on, async () => {
          await sell(accountId, sale.planId, sale.amountCents, sale.on);
          for (const payment of sale.payments) later(payment.on, () => pay(accountId, payment.amountCents, payment.on));
        });
      }
      if (patient.closedOn) {
        const closedOn = patient.closedOn;
        later(closedOn, () => closeAccount(at(closedOn), portalItself, accountId));
      }
    });
  }

  for (const patient of randomPatients(random, 56)) {
    const openedOn = addDays(today, -random.between(20, 545));
    later(openedOn, async () => {
      const accountId = await open(patient, openedOn);
      if (!accountId) return;
      payWhenDue(accountId, openedOn);
      let visit = addDays(openedOn, random.between(0, 9));
      while (visit < today) {
        comeOn(visit, accountId, patient.limitCents);
        visit = addDays(visit, random.between(35, 190));
      }
    });
  }

  // In the order of days, each after the night before it; what happens adds what follows from it.
  const first = events.map(({ on }) => on).sort()[0] ?? today;
  for (let day = first; day < today; day = addDays(day, 1)) {
    const ofDay = () => events.findIndex(({ on }) => on === day);
    for (let next = ofDay(); next >= 0; next = ofDay()) await events.splice(next, 1)[0]?.happen();
    await endDays(
      { db: parts.db, clock: { now: () => new Date(`${addDays(day, 1)}T06:00:00Z`), today: () => day } },
      day,
    );
  }
  const yesterday = addDays(today, -1);
  const began = await parts.db("transactions").min("business_on as day").first();
  for (let night: IsoDate = began?.day ?? today; night < today; night = addDays(night, 1)) {
    await makeDeposits(at(night), night);
    await postDeposits(at(night), night);
  }
  await parts.db("nights").insert({ night: yesterday, ended_at: parts.clock.now() });
}

const references = ["Crown", "Implant", "Root canal", "Aligners", "Cleaning and exam", "Fillings", "Whitening", ""];
const popularPlans: PlanId[] = [
  "deferred-12",
  "deferred-12",
  "deferred-6",
  "deferred-18",
  "fixed-24",
  "fixed-36",
  "convert-12",
  "standard",
];

async function viewerOf({ db }: Parts, userId: string): Promise<PracticeViewer> {
  const user = await db("users").where({ user_id: userId }).first();
  const practice = await db("practices").where({ id: user.practice_id }).first();
  return {
    id: user.id,
    loginId: "",
    name: user.name,
    userId,
    role: user.role,
    confirmedAt: new Date(0),
    endsAt: new Date(0),
    heldBack: false,
    mustAddFactor: false,
    actor: { ...portalItself, userId: user.id, practiceId: practice.id },
    practice: {
      id: practice.id,
      name: practice.name,
      timeZone: practice.time_zone,
      state: practice.state,
      homeLocationId: user.home_location_id,
    },
  };
}

/** A moment of the practice's working day. */
function clockAt(date: IsoDate, random: ReturnType<typeof seededRandom>): Clock {
  const moment = new Date(Date.parse(`${date}T15:00:00Z`) + random.between(0, 7 * 3600) * 1000);
  return { now: () => moment, today: () => date };
}

/** The bureau's answer for a patient, and the number of the account that it opens. */
function givenAnswers({ limitCents, accountNumber }: DemoPatient): { bureau: Bureau; drawNumber: () => string } {
  const decision: Decision = limitCents
    ? { outcome: "approved", limitCents, standardApr: "32.99" }
    : { outcome: "declined", reasons: ["Length of credit history"] };
  return { bureau: { refusesSsn: () => null, decide: async () => decision }, drawNumber: () => accountNumber };
}

function asForm(patient: DemoPatient, location: string): ApplicationForm {
  return {
    key: randomUUIDv7(),
    location,
    firstName: patient.firstName,
    lastName: patient.lastName,
    dateOfBirth: patient.bornOn,
    ssn: patient.ssn,
    street: patient.street,
    city: "Austin",
    state: "TX",
    zip: "78704",
    mobile: patient.phone,
    email: patient.email,
    housing: "Rent",
    housingCost: 120_000,
    income: 5_200_000,
    incomeSource: "Employment",
    consentBureau: "yes",
    consentElectronic: "yes",
    consentTerms: "yes",
  };
}
