import { createHash } from "node:crypto";
import { type PlanKind, planIds } from "../credit/plans.ts";
import { defaultTerms, planOn, termsOn } from "../credit/terms.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Language } from "../lib/language.ts";
import { type Cents, formatMoney } from "../lib/money.ts";

/** A change of words is a new version. */
const version = "2026-11-27";

export type Agreement = { title: string; sections: { heading: string; paragraphs: string[] }[] };
/** Before a decision there is no limit, and the rate is the one of the day. */
type Offer = { limitCents?: Cents; standardApr?: string; on: IsoDate };
type Program = { name: string; phone: string; address: string };

/**
 * What a patient accepts before an account opens: rates and fees (12 CFR 1026.6(b)), how deferred interest works (in the
 * words of appendix G-24 to part 1026), payments, and billing rights (1026.6(b)(5)(iii)). Its figures are the engine's.
 */
export function agreementIn(language: Language, program: Program, { limitCents, on, ...offer }: Offer): Agreement {
  const terms = termsOn(defaultTerms, on);
  const standardApr = offer.standardApr ?? terms.standardApr;
  const plans = (kind: PlanKind) => planIds.map((id) => planOn(on, id)).filter((plan) => plan.kind === kind);
  const months = (kind: PlanKind, and: string) =>
    listed(
      plans(kind).map((plan) => String(plan.months)),
      and,
    );
  const rates = (and: string) =>
    listed(
      plans("fixed").map((plan) => `${plan.apr}%`),
      and,
    );
  const [convert] = plans("convert");
  const limit = limitCents && formatMoney(limitCents);
  const least = formatMoney(terms.minimumInterestCents);
  const [floor, late, repeat] = [terms.minimumFloorCents, terms.lateFeeCents, terms.repeatLateFeeCents].map(
    formatMoney,
  );
  if (language === "es")
    return {
      title: `Contrato de su cuenta de crédito para la salud ${program.name}`,
      sections: [
        {
          heading: "Límite y tasa",
          paragraphs: [
            `${limit ? `Su límite de crédito es ${limit}. ` : ""}Las compras generan intereses a una APR de ${standardApr}% desde la fecha de cada compra. No cobramos intereses sobre el saldo estándar si cada mes paga, a más tardar en la fecha de vencimiento, lo que el estado de cuenta indica para ello: su saldo estándar, y no lo que está en una promoción. Los intereses se calculan sobre el saldo de cada día, con las compras nuevas y los intereses de los días anteriores.`,
            `Si se le cobran intereses, el cargo será de al menos ${least} por período.`,
          ],
        },
        {
          heading: "Sin intereses si se paga en su totalidad: intereses diferidos",
          paragraphs: [
            `En los planes “sin intereses si se paga en su totalidad” en ${months("deferred", "o")} meses, se cobrarán intereses a su cuenta desde la fecha de la compra, al ${standardApr}%, si no paga el saldo promocional en su totalidad dentro del plazo. Se requieren pagos mínimos mensuales, y es posible que no alcancen para pagar el saldo dentro del plazo. Pagar con retraso no adelanta el cobro de los intereses diferidos.`,
          ],
        },
        {
          heading: "Otros planes",
          paragraphs: [
            `Con pago fijo y APR reducida: ${months("fixed", "o")} meses a ${rates("o")}, según el plan, hasta pagar la compra. Con 0% durante ${convert?.months} meses, lo que quede después pasa a una APR de ${convert?.apr}%, nunca con efecto retroactivo. Antes de cada compra verá su plan, el pago y el total.`,
          ],
        },
        {
          heading: "Pagos y cargos",
          paragraphs: [
            `El pago mínimo es la suma de los pagos fijos y, para los demás saldos, lo que sea mayor entre ${floor} y el ${Number(terms.minimumPercent)}% de ellos más los intereses y cargos del período, más lo vencido; nunca más de lo que debe. Cargo por pago tardío: hasta ${late}, o hasta ${repeat} si hubo otro en los ${terms.repeatLateFeeCycles} períodos anteriores; nunca más que el pago mínimo que faltó. No hay cuota anual.`,
          ],
        },
        {
          heading: "Sus derechos",
          paragraphs: [
            `Si cree que hay un error en su estado de cuenta, escríbanos a ${program.name}, ${program.address}, dentro de los 60 días después de que apareció: su nombre y número de cuenta, el monto y qué cree que está mal. Mientras lo revisamos no tiene que pagar el monto en cuestión ni lo reportamos como atrasado por él; usted paga el resto. Puede cerrar la cuenta en cualquier momento; lo que deba seguirá bajo estas condiciones. Preguntas: ${program.phone}.`,
          ],
        },
      ],
    };
  return {
    title: `Your ${program.name} health credit account agreement`,
    sections: [
      {
        heading: "Limit and rate",
        paragraphs: [
          `${limit ? `Your credit limit is ${limit}. ` : ""}Purchases bear interest at an APR of ${standardApr}% from the date of each purchase. We charge no interest on the standard balance if each month you pay, by the due date, what the statement names to keep it free of interest: your standard balance, and not what runs on a promotion. Interest is worked out on the balance of each day, new purchases included, with the interest of the days before.`,
          `If you are charged interest, the charge will be no less than ${least} a billing cycle.`,
        ],
      },
      {
        heading: "No interest if paid in full: deferred interest",
        paragraphs: [
          `On the plans “no interest if paid in full” within ${months("deferred", "or")} months, interest will be charged to your account from the purchase date, at ${standardApr}%, if the promotional balance is not paid in full within the period. Minimum monthly payments are required, and they may not pay the balance off within the period. A late payment does not bring deferred interest forward.`,
        ],
      },
      {
        heading: "Other plans",
        paragraphs: [
          `With a fixed payment and a reduced APR: ${months("fixed", "or")} months at ${rates("or")}, by plan, until the purchase is paid. With 0% for ${convert?.months} months, what is left afterwards goes on at an APR of ${convert?.apr}%, never retroactively. Before each purchase you see its plan, the payment and the total.`,
        ],
      },
      {
        heading: "Payments and fees",
        paragraphs: [
          `The minimum payment is the fixed payments and, for the other balances, the larger of ${floor} and ${Number(terms.minimumPercent)}% of them plus the interest and fees of the cycle, plus what is past due; never more than you owe. Late fee: up to ${late}, or up to ${repeat} if there was another in the ${terms.repeatLateFeeCycles} cycles before; never more than the minimum payment that was missed. There is no annual fee.`,
        ],
      },
      {
        heading: "Your rights",
        paragraphs: [
          `If you think there is an error on your statement, write to ${program.name}, ${program.address}, within 60 days after it appeared: your name and account number, the amount, and what you think is wrong. While we look into it you need not pay the amount in question, and we do not report you as late for it; you pay the rest. You may close the account at any time; what you owe stays under these terms. Questions: ${program.phone}.`,
        ],
      },
    ],
  };
}

/** The digest of the very words, by which an acceptance names what was read. */
export const digestOf = (agreement: Agreement): string =>
  createHash("sha256").update(JSON.stringify(agreement)).digest("hex");

/** The proof kept with an application: the words and their digest, their version and language, when and from where. */
export type Acceptance = {
  version: string;
  language: Language;
  sha256: string;
  acceptedAt: string;
  address: string;
  agreement: Agreement;
};

export const acceptanceOf = (
  agreement: Agreement,
  given: Pick<Acceptance, "language" | "acceptedAt" | "address">,
): Acceptance => ({ version, ...given, sha256: digestOf(agreement), agreement });

/** The agreement as a letter has it. */
export const agreementText = ({ title, sections }: Agreement): string =>
  [title, ...sections.map(({ heading, paragraphs }) => [heading, ...paragraphs].join("\n"))].join("\n\n");

const listed = (words: string[], and: string) =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} ${and} ${words.at(-1)}`;
