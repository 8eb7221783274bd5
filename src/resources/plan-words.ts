import { type Plan, type PlanKind, planTerms } from "../credit/plans.ts";
import { quotePlan } from "../credit/quote.ts";
import { defaultTerms, termsOn } from "../credit/terms.ts";
import type { IsoDate } from "../lib/calendar.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import type { OfferedPlan } from "../practices/queries.ts";
import type { Language } from "./language.ts";

/** A kind of plan on a material: what it is called, and what the law wants beside it. */
export type PlanWords = { title: string; note: string };

type Offered = { plan: Plan; leastCents: Cents };

/** What a practice offers, in words, a line for each kind of plan: only its own plans, from its own least amounts. */
export function planWords(offered: readonly OfferedPlan[], language: Language, today: IsoDate): PlanWords[] {
  const { standardApr, plans } = termsOn(defaultTerms, today);
  const all = offered.map(({ planId, leastCents }) => {
    const plan = planTerms(planId, plans);
    return { plan, leastCents: Math.max(leastCents ?? 0, plan.minimumSaleCents) };
  });
  const order: PlanKind[] = ["deferred", "fixed", "convert", "revolving"];
  return order.flatMap((kind) => {
    const ofKind = all.filter(({ plan }) => plan.kind === kind);
    return ofKind.length ? [inWords[language][kind](ofKind, standardApr)] : [];
  });
}

const inWords: Record<Language, Record<PlanKind, (offered: Offered[], standardApr: string) => PlanWords>> = {
  en: {
    deferred: (offered) => ({
      title: `No interest if paid in full within ${months(offered, "or")} months`,
      note: `On purchases of ${least(offered)} or more. Interest is charged from the date of purchase if the purchase is not paid in full within that time. Monthly payments are required.`,
    }),
    fixed: (offered) => ({
      title: `Fixed payments for ${months(offered, "or")} months`,
      note: `At a reduced APR of ${rates(offered, "to")}, on purchases of ${least(offered)} or more${longerFrom(offered, "or more", "months")}.`,
    }),
    convert: (offered) => ({
      title: `0% for ${months(offered, "or")} months, then ${rates(offered, "to")} APR`,
      note: `That rate is for what is still owed after the ${months(offered, "or")} months, from then on. On purchases of ${least(offered)} or more.`,
    }),
    revolving: (_, standardApr) => ({
      title: "Standard account",
      note: `${standardApr}% APR. For purchases of any amount.`,
    }),
  },
  es: {
    deferred: (offered) => ({
      title: `Sin intereses si se paga en su totalidad en ${months(offered, "o")} meses`,
      note: `En compras de ${least(offered)} o más. Se cobran intereses desde la fecha de la compra si no se paga en su totalidad en ese plazo. Se requieren pagos mensuales.`,
    }),
    fixed: (offered) => ({
      title: `Pagos fijos durante ${months(offered, "o")} meses`,
      note: `Con una APR (tasa de porcentaje anual) reducida, de ${rates(offered, "a")}, en compras de ${least(offered)} o más${longerFrom(offered, "o más", "meses")}.`,
    }),
    convert: (offered) => ({
      title: `0% durante ${months(offered, "o")} meses, después ${rates(offered, "a")} de APR`,
      note: `Esa tasa se aplica a lo que todavía deba después de los ${months(offered, "o")} meses, y solo desde entonces. En compras de ${least(offered)} o más.`,
    }),
    revolving: (_, standardApr) => ({
      title: "Cuenta estándar",
      note: `APR (tasa de porcentaje anual) de ${standardApr}%. Para compras de cualquier monto.`,
    }),
  },
};

/** "6, 12 or 18" */
function months(offered: Offered[], or: string): string {
  const numbers = offered.map(({ plan }) => String(plan.months));
  const last = numbers.pop() ?? "";
  return numbers.length ? `${numbers.join(", ")} ${or} ${last}` : last;
}

/** "17.90% to 20.90%" */
function rates(offered: Offered[], to: string): string {
  const aprs = [...new Set(offered.map(({ plan }) => plan.apr ?? ""))].sort();
  return aprs.length > 1 ? `${aprs[0]}% ${to} ${aprs.at(-1)}%` : `${aprs[0]}%`;
}

const least = (offered: Offered[]) => shortMoney(Math.min(...offered.map(({ leastCents }) => leastCents)));

/** " (60 months: $2,500 or more)", for those that begin higher. */
function longerFrom(offered: Offered[], orMore: string, monthsWord: string): string {
  const first = Math.min(...offered.map(({ leastCents }) => leastCents));
  const higher = offered.filter(({ leastCents }) => leastCents > first);
  const each = higher.map(
    ({ plan, leastCents }) => `${plan.months} ${monthsWord}: ${shortMoney(leastCents)} ${orMore}`,
  );
  return each.length ? ` (${each.join("; ")})` : "";
}

const shortMoney = (cents: Cents) => formatMoney(cents).replace(/\.00$/, "");

/** What every material says of the account: with a rate goes the least interest charge (1026.16(b)(1)). */
export function smallPrint(program: string, language: Language, today: IsoDate): string {
  const { standardApr, minimumInterestCents } = termsOn(defaultTerms, today);
  const charge = formatMoney(minimumInterestCents);
  return language === "en"
    ? `${program} health credit accounts are subject to credit approval. Standard APR for new accounts: ${standardApr}%. Minimum interest charge: ${charge}.`
    : `Las cuentas de crédito para la salud de ${program} están sujetas a la aprobación del crédito. APR (tasa de porcentaje anual) estándar para cuentas nuevas: ${standardApr}%. Cargo mínimo por intereses: ${charge}.`;
}

/** An example of a deferred plan that the practice offers, by the engine that bills; nothing where it offers none. */
export function deferredExample(
  offered: readonly OfferedPlan[],
  language: Language,
  today: IsoDate,
): { title: string; lines: string[] } | null {
  const { standardApr, plans } = termsOn(defaultTerms, today);
  const deferred = offered.map(({ planId }) => planTerms(planId, plans)).filter(({ kind }) => kind === "deferred");
  const plan = deferred.find((each) => each.months === 12) ?? deferred[0];
  if (!plan) return null;
  const quote = quotePlan({ plan, amountCents: 120_000, standardApr, cycleDay: 15, saleDate: today });
  const [amount, payment, total, missed] = [
    quote.amountCents,
    quote.monthlyPaymentCents,
    quote.totalCents,
    quote.deferredInterestIfMissedCents ?? 0,
  ].map(formatMoney);
  return language === "en"
    ? {
        title: `An example: ${amount} on a plan of ${plan.months} months, ${standardApr}% APR`,
        lines: [
          `Pay ${payment} a month: ${quote.payments} payments, ${total} in all. You pay for your care and nothing more.`,
          `Or pay that much each month, and still owe one cent the day after the last day: about ${missed} of interest is charged at once.`,
        ],
      }
    : {
        title: `Un ejemplo: ${amount} en un plan de ${plan.months} meses, APR de ${standardApr}%`,
        lines: [
          `Pague ${payment} al mes: ${quote.payments} pagos, ${total} en total. Paga por su atención y nada más.`,
          `Si, en cambio, el día después del último día todavía debe un centavo, se cobran de una sola vez unos ${missed} de intereses.`,
        ],
      };
}
