import type { PostingKind } from "../ledger/post.ts";
import type { Language } from "../lib/language.ts";

/** The words of the page on which each figure of a statement is explained. */
const en = {
  title: "How each figure came about",
  of: (closed: string) => `Statement of ${closed}`,

  newBalance: "New balance",
  entries: "Every entry of the cycle",
  date: "Date",
  what: "What",
  amount: "Amount",
  owedAfter: "Owed after it",
  previous: "Previous balance",
  kinds: {
    sale: "Sale",
    refund: "Refund",
    payment: "Payment",
    correction: "Correction",
    interest: "Interest",
    "returned payment": "Payment returned by the bank",
    "credit refund": "Credit paid to the patient",
    "deferred interest": "Deferred interest, billed",
    "late fee": "Late fee",
  } as Partial<Record<PostingKind, string>>,

  balances: "Each balance",
  balancesNote: "The account is made of these balances. A payment is divided between them as the law says.",
  balance: "Balance",
  before: "Before",
  purchases: "Purchases",
  credited: "Payments and credits",
  charged: "Interest and fees",
  now: "Now",
  inAll: "In all",
  standard: "Standard purchases and fees",
  promotional: (plan: string, sold: string) => `${plan}, sold ${sold}`,

  available: "Available credit",
  availableHow: (limit: string, balance: string, left: string) =>
    `The credit limit of ${limit} less the new balance of ${balance} leaves ${left}.`,
  availableNone: "Nothing more can be charged to this account.",

  interest: "Interest charged",
  noInterest: "No interest was charged in this cycle.",
  steps: (balance: string) => `Interest on ${balance}, step by step`,
  from: "From",
  through: "Through",
  days: "Days",
  accrued: "Accrued by then",
  deferredCharged: (cents: string, end: string) =>
    `${cents} of deferred interest was charged on the day after ${end}, because the balance was not paid in full by then.`,
  billed: (cents: string, apr: string) => `${cents} was billed at ${apr}% a year.`,
  billedLeast: (cents: string, apr: string, accrued: string, rest: string) =>
    `${cents} was billed at ${apr}% a year: ${accrued} accrued, and ${rest} makes up the least interest charge.`,
  average: (average: string, days: number, apr: string, cents: string) =>
    `The same from the balance subject to interest: ${average} × ${days} days × ${apr}% ÷ 365 = ${cents}.`,
  method:
    "Each day bears the APR ÷ 365 of the balance at the end of that day and of the interest that had accrued before it. It is rounded once, when it is billed.",

  fees: "Late fees",
  feesHow: (first: string, repeated: string) =>
    `The late fee is ${first}, or ${repeated} if there was one in the six cycles before. It is never more than the minimum payment that was missed, and there is one fee for one missed payment.`,

  minimum: "Minimum payment",
  nothingDue: "Nothing is owed, so nothing is due.",
  part: "Part",
  fixed: (balance: string) => `Fixed payment: ${balance}`,
  others: (parts: { balance: string; floor: string; percent: string; rate: string; interest: string; fees: string }) =>
    `The other balances, ${parts.balance} together: the larger of ${parts.floor} and ${parts.percent} (${parts.rate}%) + ${parts.interest} interest + ${parts.fees} fees, at most all of it`,
  pastDue: "Past due: unpaid of the last minimum payment",
  neverMore: "Minimum payment: never more than the new balance",

  deferred: (balance: string) => `Deferred interest: ${balance}`,
  deferredSteps: (balance: string) => `Deferred interest on ${balance}, step by step`,
  deferredHow: (apr: string, end: string) =>
    `At ${apr}% a year from the day of the sale. It is not owed, and is charged only if something is unpaid after ${end}.`,
  clearing: (balance: string) => `To clear in time: ${balance}`,
  clearingNote: (payment: string) =>
    `The least that is enough on each due date, ${payment}. The minimum payment comes first, and may go to other balances; what is above it goes to this one as the law says. This counts with no new purchases.`,
  dueDate: "Due date",
  payment: "Payment",
  here: "To this balance",
  left: "Left of it",

  estimates: "What paying takes and costs",
  estimate: "If each month is paid",
  onlyMinimum: "Only the minimum payment",
  payments: "Payments",
  until: "The last one",
  owed: "New balance",
  cost: "Interest and fees",
  total: "Total",
  never: "Never",
  estimatesNote:
    "We let the account run on with no new purchases, a payment on each due date, until nothing is left: total = new balance + interest and fees. The last payment takes what is left.",

  grace: "To avoid interest on standard purchases",
  graceNote: (payment: string, due: string) =>
    `If ${payment} is paid on ${due}, it is divided so; less would leave something of the standard balance unpaid.`,

  year: (year: string) => `${year} to date`,
  yearTable: "Interest and fees of each statement of the year",
  closed: "Closed",
  yearToDate: "Year to date",
};

export type FigureWords = typeof en;

const es: FigureWords = {
  title: "Cómo se calculó cada monto",
  of: (closed) => `Estado de cuenta del ${closed}`,

  newBalance: "Saldo nuevo",
  entries: "Todos los movimientos del período",
  date: "Fecha",
  what: "Concepto",
  amount: "Monto",
  owedAfter: "Saldo después",
  previous: "Saldo anterior",
  kinds: {
    sale: "Compra",
    refund: "Reembolso",
    payment: "Pago",
    correction: "Corrección",
    interest: "Intereses",
    "returned payment": "Pago devuelto por el banco",
    "credit refund": "Saldo a favor que se le pagó",
    "deferred interest": "Intereses diferidos, cobrados",
    "late fee": "Cargo por pago tardío",
  },

  balances: "Cada saldo",
  balancesNote: "La cuenta se compone de estos saldos. Cada pago se reparte entre ellos como lo indica la ley.",
  balance: "Saldo",
  before: "Antes",
  purchases: "Compras",
  credited: "Pagos y créditos",
  charged: "Intereses y cargos",
  now: "Ahora",
  inAll: "En total",
  standard: "Compras estándar y cargos",
  promotional: (plan, sold) => `${plan}, compra del ${sold}`,

  available: "Crédito disponible",
  availableHow: (limit, balance, left) =>
    `El límite de crédito de ${limit} menos el saldo nuevo de ${balance} deja ${left}.`,
  availableNone: "No se puede hacer ninguna compra más con esta cuenta.",

  interest: "Intereses cobrados",
  noInterest: "No se cobraron intereses en este período.",
  steps: (balance) => `Intereses de ${balance}, paso a paso`,
  from: "Desde",
  through: "Hasta",
  days: "Días",
  accrued: "Acumulado hasta entonces",
  deferredCharged: (cents, end) =>
    `Se cobraron ${cents} de intereses diferidos el día después del ${end}, porque el saldo no se pagó por completo a más tardar en esa fecha.`,
  billed: (cents, apr) => `Se cobraron ${cents} al ${apr}% anual.`,
  billedLeast: (cents, apr, accrued, rest) =>
    `Se cobraron ${cents} al ${apr}% anual: ${accrued} acumulados y ${rest} para llegar al cargo mínimo por intereses.`,
  average: (average, days, apr, cents) =>
    `Lo mismo, a partir del saldo sujeto a intereses: ${average} × ${days} días × ${apr}% ÷ 365 = ${cents}.`,
  method:
    "Cada día genera la APR ÷ 365 del saldo al final de ese día y de los intereses acumulados antes. Se redondea una sola vez, cuando se cobra.",

  fees: "Cargos por pago tardío",
  feesHow: (first, repeated) =>
    `El cargo por pago tardío es de ${first}, o de ${repeated} si hubo otro en los seis períodos anteriores. Nunca es mayor que el pago mínimo que faltó, y hay un solo cargo por cada pago que falta.`,

  minimum: "Pago mínimo",
  nothingDue: "No debe nada, así que no tiene que pagar nada.",
  part: "Parte",
  fixed: (balance) => `Pago fijo: ${balance}`,
  others: (parts) =>
    `Los demás saldos, ${parts.balance} en total: lo que sea mayor entre ${parts.floor} y ${parts.percent} (${parts.rate}%) + ${parts.interest} de intereses + ${parts.fees} de cargos, como máximo el total de esos saldos`,
  pastDue: "Vencido: lo que faltó del pago mínimo anterior",
  neverMore: "Pago mínimo: nunca mayor que el saldo nuevo",

  deferred: (balance) => `Intereses diferidos: ${balance}`,
  deferredSteps: (balance) => `Intereses diferidos de ${balance}, paso a paso`,
  deferredHow: (apr, end) =>
    `Al ${apr}% anual desde el día de la compra. No se deben, y solo se cobran si queda algo sin pagar después del ${end}.`,
  clearing: (balance) => `Para liquidar a tiempo: ${balance}`,
  clearingNote: (payment) =>
    `Lo menos que alcanza en cada fecha de vencimiento: ${payment}. Primero se cubre el pago mínimo, que puede ir a otros saldos; lo que lo supera va a este saldo como lo indica la ley. Esto vale si no hace compras nuevas.`,
  dueDate: "Vencimiento",
  payment: "Pago",
  here: "A este saldo",
  left: "Lo que queda de él",

  estimates: "Cuánto tarda y cuánto cuesta pagar",
  estimate: "Si cada mes se paga",
  onlyMinimum: "Solo el pago mínimo",
  payments: "Pagos",
  until: "El último",
  owed: "Saldo nuevo",
  cost: "Intereses y cargos",
  total: "Total",
  never: "Nunca",
  estimatesNote:
    "Calculamos cómo sigue la cuenta sin compras nuevas, con un pago en cada fecha de vencimiento, hasta que no queda nada: total = saldo nuevo + intereses y cargos. El último pago es lo que queda.",

  grace: "Para evitar intereses por las compras estándar",
  graceNote: (payment, due) =>
    `Si se pagan ${payment} el ${due}, se reparten así; con menos quedaría sin pagar una parte del saldo estándar.`,

  year: (year) => `${year} hasta la fecha`,
  yearTable: "Intereses y cargos de cada estado de cuenta del año",
  closed: "Cierre",
  yearToDate: "En el año hasta la fecha",
};

export const figureWordsIn: Record<Language, FigureWords> = { en, es };
