import type { Plan } from "../credit/plans.ts";
import { planLabel } from "../credit/plans.ts";
import type { PostingKind } from "../ledger/post.ts";
import type { Language } from "../lib/language.ts";
import { counted } from "../lib/wording.ts";

/**
 * The words of a statement. English follows the model forms of Regulation Z (G-18 for what is due and what it costs,
 * G-4(A) for errors); Spanish says the same in the terms that the CFPB uses.
 */
const en = {
  title: "Account statement",
  account: (program: string, last4: string) => `${program} health credit account ending in ${last4}`,
  period: (from: string, through: string, days: number) => `${from} to ${through}, ${days} days`,
  closedAccount: (on: string) => `This account was closed on ${on}`,

  due: "Payment information",
  newBalance: "New balance",
  minimum: "Minimum payment due",
  ofWhichPastDue: "Of that, past due",
  dueOn: "Payment due date",
  nothingDue: "No payment is due.",
  creditStands: (credit: string) =>
    `You have a credit of ${credit}. You can ask us to pay it to you; otherwise it is used for what you buy next, and what is left after six months is paid to you.`,
  lateTitle: "Late payment warning",
  late: (fee: string) =>
    `If we do not receive your minimum payment by the date listed above, you may have to pay a late fee of up to ${fee}.`,
  minimumTitle: "Minimum payment warning",
  minimumWarning:
    "If you make only the minimum payment each period, you will pay more in interest and it will take you longer to pay off your balance. For example:",
  neverPaid:
    "Even if you make no more charges using this account, if you make only the minimum payment each month we estimate you will never pay off the balance shown on this statement, because your payment will be less than the interest charged each month. For example:",
  ifYouPay: "If you make no additional charges and each month you pay",
  payOffIn: "You will pay off the balance in about",
  estimatedTotal: "And you will pay an estimated total of",
  onlyMinimum: "Only the minimum payment",
  never: "Never",
  savings: (cents: string) => `savings of ${cents}`,
  months: (count: number) => counted(count, "month"),
  years: (count: number) => counted(count, "year"),
  includesDeferred: (cents: string) =>
    `The estimates include ${cents} of deferred interest, charged because these payments do not clear a promotion in time.`,
  counseling: (phone: string) => `If you would like information about credit counseling services, call ${phone}.`,

  promotions: "Promotions that end",
  mustPay: (sold: string, end: string) =>
    `You must pay your promotional balance of ${sold} in full by ${end} to avoid paying accrued interest charges.`,
  converts: (sold: string, end: string, apr: string) =>
    `Your promotional balance of ${sold} has 0% interest through ${end}. What is left then bears ${apr} from the day after; nothing is charged for the time before.`,
  clearOnce: (amount: string, on: string) => `To clear it in time, pay ${amount} to the account by ${on}.`,
  clearMonthly: (amount: string, count: number, first: string) =>
    `To clear it in time, pay ${amount} to the account on each of the ${count} due dates from ${first}.`,
  promotionTable: "Promotional balances",
  purchase: "Purchase",
  soldOn: "Bought",
  endsOn: "Pay in full by",
  left: "Balance",
  deferredCharge: "Deferred interest charge",
  deferredNote:
    "Deferred interest charges are not owed and are no part of your balance. They are charged only if a balance is not paid in full by its date.",

  summary: "Account summary",
  previous: "Previous balance",
  payments: "Payments",
  credits: "Refunds and other credits",
  creditRefunds: "Credit paid to you",
  purchases: "Purchases",
  fees: "Fees charged",
  interest: "Interest charged",
  corrections: "Corrections",
  limit: "Credit limit",
  available: "Available credit",
  closing: "Statement closing date",
  days: "Days in billing cycle",

  transactions: "Transactions",
  date: "Date",
  description: "Description",
  amount: "Amount",
  none: "No transactions in this period.",
  bought: (practice: string, plan: string) => `Purchase at ${practice}: ${plan}`,
  refunded: (practice: string) => `Refund by ${practice}`,
  kinds: {
    payment: "Payment, thank you",
    "returned payment": "Payment returned by your bank",
    "credit refund": "Credit paid to you",
    correction: "Correction of interest and fees after a change to an earlier day",
  } as Partial<Record<PostingKind, string>>,
  feesHeading: "Fees",
  lateFee: "Late fee",
  totalFees: "Total fees for this period",
  interestHeading: "Interest charged",
  interestOn: (balance: string) => `Interest charge on ${balance}`,
  deferredBilled: (balance: string) => `Deferred interest, now charged, on ${balance}`,
  totalInterest: "Total interest for this period",
  leastInterest: (cents: string) => `The least interest charge of a period in which any is charged is ${cents}.`,
  year: (year: string) => `${year} totals year-to-date`,
  yearFees: (year: string) => `Total fees charged in ${year}`,
  yearInterest: (year: string) => `Total interest charged in ${year}`,
  standardPurchases: "standard purchases",
  promotional: (sold: string) => `the promotional purchase of ${sold}`,

  calculation: "Interest charge calculation",
  aprIs: "Your Annual Percentage Rate (APR) is the annual interest rate on your account.",
  type: "Type of balance",
  apr: "APR",
  subject: "Balance subject to interest rate",
  charge: "Interest charge",
  untilThen: (apr: string) => `${apr} deferred`,
  method:
    "Balance subject to interest rate: we use the average daily balance, new purchases included. To the balance at the end of each day we add the interest that has accrued on it since the cycle began; we add up these amounts for all days of the cycle and divide by the number of days. That average, times the number of days, times the APR divided by 365, is the interest charge, rounded to the cent once.",

  avoid: "How to avoid interest",
  graceLost:
    "Interest is charged on standard purchases from the day of purchase in this cycle, because the standard balance of an earlier statement was not paid by its due date. To stop it:",
  grace: (amount: string, on: string) =>
    `We charge no interest on standard purchases in a cycle if the standard balance of the statement before is paid by its due date. If we receive ${amount} by ${on}, the current cycle bears none.`,
  graceNothing:
    "We charge no interest on standard purchases in a cycle if the standard balance of the statement before is paid by its due date. You owe nothing on standard purchases now.",

  errors: "If you think there is a mistake on this statement",
  writeTo: "Write to us at this address:",
  inLetter:
    "In your letter, give us your name and account number, the dollar amount of the suspected error, and, if you think there is an error on your bill, describe what you believe is wrong and why you believe it is a mistake. You must contact us within 60 days after the error appeared on your statement.",
  inWriting:
    "You must notify us of any potential errors in writing. You may call us, but if you do we are not required to investigate any potential errors and you may have to pay the amount in question.",
  whileWe:
    "While we investigate whether or not there has been an error, we cannot try to collect the amount in question, or report you as delinquent on that amount. The charge in question may remain on your statement, and we may continue to charge you interest on that amount; but, if we determine that we made a mistake, you will not have to pay the amount in question or any interest or other fees related to that amount. You are responsible for the remainder of your balance. We can apply any unpaid amount against your credit limit.",
  dissatisfied:
    "If you are dissatisfied with the services that you bought with your account and have tried in good faith to correct the problem with the practice, you may have the right not to pay the remaining amount due. Contact us in writing at the address above.",
  questions: (phone: string, hours: string) => `Questions? Call ${phone}. ${hours}.`,
  plan: (plan: Plan) => planLabel(plan),
  explain: "How was this worked out?",
  page: (page: number, of: number) => `Page ${page} of ${of}`,
};

export type Words = typeof en;

const es: Words = {
  title: "Estado de cuenta",
  account: (program, last4) => `Cuenta de crédito para la salud ${program} que termina en ${last4}`,
  period: (from, through, days) => `Del ${from} al ${through}, ${days} días`,
  closedAccount: (on) => `Esta cuenta se cerró el ${on}`,

  due: "Información de pago",
  newBalance: "Saldo nuevo",
  minimum: "Pago mínimo",
  ofWhichPastDue: "De ese monto, vencido",
  dueOn: "Fecha de vencimiento del pago",
  nothingDue: "No tiene que hacer ningún pago.",
  creditStands: (credit) =>
    `Usted tiene un saldo a favor de ${credit}. Puede pedirnos que se lo paguemos; de lo contrario, se usa para sus próximas compras, y lo que quede después de seis meses se le pagará.`,
  lateTitle: "Advertencia de pago tardío",
  late: (fee) =>
    `Si no recibimos su pago mínimo a más tardar en la fecha indicada arriba, es posible que tenga que pagar un cargo por pago tardío de hasta ${fee}.`,
  minimumTitle: "Advertencia sobre el pago mínimo",
  minimumWarning:
    "Si solo hace el pago mínimo en cada período, pagará más en intereses y tardará más en liquidar su saldo. Por ejemplo:",
  neverPaid:
    "Aunque no haga más compras con esta cuenta, si cada mes solo hace el pago mínimo, calculamos que nunca liquidará el saldo que aparece en este estado de cuenta, porque su pago será menor que los intereses que se cobran cada mes. Por ejemplo:",
  ifYouPay: "Si no hace más compras y cada mes paga",
  payOffIn: "Liquidará el saldo en aproximadamente",
  estimatedTotal: "Y pagará un total estimado de",
  onlyMinimum: "Solo el pago mínimo",
  never: "Nunca",
  savings: (cents) => `ahorro de ${cents}`,
  months: (count) => counted(count, "mes", "meses"),
  years: (count) => counted(count, "año"),
  includesDeferred: (cents) =>
    `Los cálculos incluyen ${cents} de intereses diferidos, que se cobran porque estos pagos no liquidan una promoción a tiempo.`,
  counseling: (phone) => `Si desea información sobre servicios de asesoría de crédito, llame al ${phone}.`,

  promotions: "Promociones que terminan",
  mustPay: (sold, end) =>
    `Debe pagar por completo su saldo promocional del ${sold} a más tardar el ${end} para no pagar los intereses acumulados.`,
  converts: (sold, end, apr) =>
    `Su saldo promocional del ${sold} tiene 0% de interés hasta el ${end}. A partir del día siguiente, lo que quede por pagar generará intereses al ${apr} anual; no se cobran intereses por el tiempo anterior.`,
  clearOnce: (amount, on) => `Para liquidarlo a tiempo, pague ${amount} a la cuenta a más tardar el ${on}.`,
  clearMonthly: (amount, count, first) =>
    `Para liquidarlo a tiempo, pague ${amount} a la cuenta en cada una de las ${count} fechas de vencimiento a partir del ${first}.`,
  promotionTable: "Saldos promocionales",
  purchase: "Compra",
  soldOn: "Fecha de compra",
  endsOn: "Pague todo a más tardar el",
  left: "Saldo",
  deferredCharge: "Cargo por intereses diferidos",
  deferredNote:
    "Los cargos por intereses diferidos no se deben y no son parte de su saldo. Solo se cobran si un saldo no se paga por completo a más tardar en su fecha.",

  summary: "Resumen de la cuenta",
  previous: "Saldo anterior",
  payments: "Pagos",
  credits: "Reembolsos y otros créditos",
  creditRefunds: "Saldo a favor que se le pagó",
  purchases: "Compras",
  fees: "Cargos cobrados",
  interest: "Intereses cobrados",
  corrections: "Correcciones",
  limit: "Límite de crédito",
  available: "Crédito disponible",
  closing: "Fecha de cierre del estado de cuenta",
  days: "Días del período de facturación",

  transactions: "Transacciones",
  date: "Fecha",
  description: "Descripción",
  amount: "Monto",
  none: "No hubo transacciones en este período.",
  bought: (practice, plan) => `Compra en ${practice}: ${plan}`,
  refunded: (practice) => `Reembolso de ${practice}`,
  kinds: {
    payment: "Pago, gracias",
    "returned payment": "Pago devuelto por su banco",
    "credit refund": "Saldo a favor que se le pagó",
    correction: "Corrección de intereses y cargos por un cambio en un día anterior",
  },
  feesHeading: "Cargos",
  lateFee: "Cargo por pago tardío",
  totalFees: "Total de cargos de este período",
  interestHeading: "Intereses cobrados",
  interestOn: (balance) => `Cargo por intereses de ${balance}`,
  deferredBilled: (balance) => `Intereses diferidos, ahora cobrados, de ${balance}`,
  totalInterest: "Total de intereses de este período",
  leastInterest: (cents) => `El cargo mínimo por intereses en un período en que se cobran intereses es de ${cents}.`,
  year: (year) => `Totales de ${year} hasta la fecha`,
  yearFees: (year) => `Total de cargos cobrados en ${year}`,
  yearInterest: (year) => `Total de intereses cobrados en ${year}`,
  standardPurchases: "las compras estándar",
  promotional: (sold) => `la compra promocional del ${sold}`,

  calculation: "Cálculo del cargo por intereses",
  aprIs: "La tasa de porcentaje anual (APR, por sus siglas en inglés) es la tasa de interés anual de su cuenta.",
  type: "Tipo de saldo",
  apr: "APR",
  subject: "Saldo sujeto a la tasa de interés",
  charge: "Cargo por intereses",
  untilThen: (apr) => `${apr} diferida`,
  method:
    "Saldo sujeto a la tasa de interés: usamos el saldo diario promedio, incluidas las compras nuevas. Al saldo al final de cada día le sumamos los intereses acumulados desde el comienzo del período; sumamos estos montos de todos los días del período y los dividimos entre el número de días. Ese promedio, multiplicado por el número de días y por la APR dividida entre 365, es el cargo por intereses, que se redondea al centavo una sola vez.",

  avoid: "Cómo evitar los intereses",
  graceLost:
    "En este período se cobran intereses por las compras estándar desde el día de la compra, porque el saldo estándar de un estado de cuenta anterior no se pagó a tiempo. Para evitarlo:",
  grace: (amount, on) =>
    `No cobramos intereses por las compras estándar de un período si el saldo estándar del estado de cuenta anterior se paga a más tardar en su fecha de vencimiento. Si recibimos ${amount} a más tardar el ${on}, no le cobraremos intereses por esas compras en el período actual.`,
  graceNothing:
    "No cobramos intereses por las compras estándar de un período si el saldo estándar del estado de cuenta anterior se paga a más tardar en su fecha de vencimiento. Ahora no debe nada por compras estándar.",

  errors: "Si cree que hay un error en este estado de cuenta",
  writeTo: "Escríbanos a esta dirección:",
  inLetter:
    "En su carta, indique su nombre y número de cuenta, el monto en dólares del posible error y, si cree que hay un error en su cuenta, describa qué cree que está mal y por qué cree que es un error. Debe comunicarse con nosotros a más tardar 60 días después de que el error haya aparecido en su estado de cuenta.",
  inWriting:
    "Debe avisarnos por escrito de cualquier posible error. Puede llamarnos, pero si lo hace no estamos obligados a investigar los posibles errores y es posible que tenga que pagar el monto en cuestión.",
  whileWe:
    "Mientras investigamos si hubo un error, no podemos tratar de cobrar el monto en cuestión ni informar que usted está en mora por ese monto. El cargo en cuestión puede seguir en su estado de cuenta y podemos seguir cobrándole intereses por ese monto; pero si determinamos que cometimos un error, no tendrá que pagar el monto en cuestión ni los intereses u otros cargos relacionados con él. Usted es responsable del resto de su saldo. Podemos descontar de su límite de crédito cualquier monto que no se haya pagado.",
  dissatisfied:
    "Si no está satisfecho con los servicios que compró con su cuenta y trató de buena fe de corregir el problema con el consultorio, es posible que tenga derecho a no pagar el monto restante. Comuníquese con nosotros por escrito a la dirección indicada arriba.",
  questions: (phone) => `¿Preguntas? Llame al ${phone}.`,
  plan: ({ kind, months }) => {
    if (kind === "deferred") return `Sin intereses si liquida el saldo en ${months} meses`;
    if (kind === "fixed") return `APR reducida, ${months} meses`;
    return kind === "convert" ? `0% por ${months} meses, después APR reducida` : "Cuenta estándar";
  },
  explain: "¿Cómo se calculó?",
  page: (page, of) => `Página ${page} de ${of}`,
};

export const wordsIn: Record<Language, Words> = { en, es };
