import type { Program } from "../accounts/letters.ts";
import type { Letter, Recipient } from "../accounts/tell-patient.ts";
import type { Balance } from "../credit/account.ts";
import type { Clearing } from "../credit/clearing.ts";
import type { IsoDate } from "../lib/dates.ts";
import { formatDateIn } from "../lib/language.ts";
import { type Cents, formatMoney } from "../lib/money.ts";

type Ready = { newBalanceCents: Cents; minimumCents: Cents; dueOn: IsoDate; link: string };

/** That a statement is there: what is to be paid by when, and the link that shows the rest. */
export function statementLetter(program: Program, { name, last4, language }: Recipient, ready: Ready): Letter {
  const { minimumCents, link } = ready;
  const [balance, minimum] = [formatMoney(ready.newBalanceCents), formatMoney(minimumCents)];
  const due = formatDateIn(language, ready.dueOn);
  if (language === "es") {
    const figures =
      minimumCents > 0
        ? `Saldo nuevo: ${balance}\nPago mínimo: ${minimum}\nFecha de vencimiento del pago: ${due}`
        : `Saldo nuevo: ${balance}\nNo tiene que hacer ningún pago.`;
    return {
      subject: `Su estado de cuenta de ${program.name} está listo`,
      text: `Hola, ${name}:

Ya puede ver el estado de cuenta de su crédito para la salud ${program.name} que termina en ${last4}.

${figures}

Véalo aquí (le pediremos su fecha de nacimiento):
${link}

El enlace funciona durante 60 días. No lo comparta con nadie. ¿Preguntas? Llame al ${program.phone}.

${program.name}`,
      short: `${program.name}: su estado de cuenta (termina en ${last4}) está listo. Pago mínimo ${minimum}, vence el ${due}. ${link}`,
    };
  }
  const figures =
    minimumCents > 0
      ? `New balance: ${balance}\nMinimum payment: ${minimum}\nPayment due date: ${due}`
      : `New balance: ${balance}\nNo payment is due.`;
  return {
    subject: `Your ${program.name} statement is ready`,
    text: `Hello ${name},

The statement of your ${program.name} health credit account ending in ${last4} is ready.

${figures}

See it here (we will ask for your date of birth):
${link}

The link works for 60 days. Do not share it with anybody. Questions? Call ${program.phone}.

${program.name}`,
    short: `${program.name}: your statement (account ending in ${last4}) is ready. Minimum payment ${minimum}, due ${due}. ${link}`,
  };
}

type Ending = { balance: Balance; endsOn: IsoDate; today: IsoDate; accruedCents: Cents; clearing: Clearing | null };

/** That a promotion ends: what is left, what happens otherwise, and the payments that the engine says clear it. */
export function reminderLetter(program: Program, recipient: Recipient, ending: Ending): Letter {
  return (recipient.language === "es" ? reminderEs : reminderEn)(program, recipient, ending);
}

function reminderEn(program: Program, { name, last4 }: Recipient, ending: Ending): Letter {
  const { balance, accruedCents, clearing } = ending;
  const [left, end] = [formatMoney(balance.balanceCents), formatDateIn("en", ending.endsOn)];
  const sold = formatDateIn("en", balance.openedOn);
  const terms =
    balance.kind === "deferred"
      ? `Your purchase of ${sold} has no interest if it is paid in full by ${end}. You still owe ${left} on it.

If any of it is unpaid after ${end}, interest is charged from ${sold} at ${balance.apr}% a year. So far that would be ${formatMoney(accruedCents)}. You do not owe this interest now, and you never will if the balance is paid in full by ${end}.`
      : `Your purchase of ${sold} has 0% interest through ${end}. You still owe ${left} on it.

From the day after, what is left bears interest at ${balance.apr}% a year. No interest is charged for the time before.`;
  return {
    subject: `Your promotion ends ${end}`,
    text: `Hello ${name},

This is about your ${program.name} health credit account ending in ${last4}.

${terms}${clearing ? `\n\n${clearingEn(clearing)}` : ""}

If you have paid in the last few days, this may cross with your payment. Questions? Call ${program.phone}.

${program.name}`,
    short: `${program.name}: your promotion on the account ending in ${last4} ends ${end}. ${left} is left to pay by then${balance.kind === "deferred" ? " to avoid interest from the purchase date" : ""}. Questions: ${program.phone}`,
  };
}

const clearingEn = ({ paymentCents, dates }: Clearing) =>
  dates.length === 1
    ? `To clear it in time, pay ${formatMoney(paymentCents)} to the account by ${formatDateIn("en", dates[0] ?? "")}. This counts with no new purchases.`
    : `To clear it in time, pay ${formatMoney(paymentCents)} to the account on each of the ${dates.length} due dates from ${formatDateIn("en", dates[0] ?? "")}. This counts with no new purchases.`;

function reminderEs(program: Program, { name, last4 }: Recipient, ending: Ending): Letter {
  const { balance, accruedCents, clearing } = ending;
  const [left, end] = [formatMoney(balance.balanceCents), formatDateIn("es", ending.endsOn)];
  const sold = formatDateIn("es", balance.openedOn);
  const terms =
    balance.kind === "deferred"
      ? `Su compra del ${sold} no genera intereses si la liquida por completo a más tardar el ${end}. Todavía debe ${left} de ella.

Si después del ${end} queda algo sin pagar, se cobrarán intereses desde el ${sold}, al ${balance.apr}% anual. Hasta hoy serían ${formatMoney(accruedCents)}. Ahora usted no debe esos intereses, y nunca los deberá si paga todo el saldo a más tardar el ${end}.`
      : `Su compra del ${sold} tiene 0% de interés hasta el ${end}. Todavía debe ${left} de ella.

A partir del día siguiente, lo que quede por pagar generará intereses al ${balance.apr}% anual. No se cobran intereses por el tiempo anterior.`;
  return {
    subject: `Su promoción termina el ${end}`,
    text: `Hola, ${name}:

Le escribimos por su cuenta de crédito para la salud ${program.name} que termina en ${last4}.

${terms}${clearing ? `\n\n${clearingEs(clearing)}` : ""}

Si pagó en los últimos días, es posible que este mensaje se haya cruzado con su pago. ¿Preguntas? Llame al ${program.phone}.

${program.name}`,
    short: `${program.name}: su promoción en la cuenta que termina en ${last4} acaba el ${end}. Quedan ${left} por pagar${balance.kind === "deferred" ? " para no pagar intereses desde la fecha de compra" : ""}. Preguntas: ${program.phone}`,
  };
}

const clearingEs = ({ paymentCents, dates }: Clearing) =>
  dates.length === 1
    ? `Para liquidarla a tiempo, pague ${formatMoney(paymentCents)} a la cuenta a más tardar el ${formatDateIn("es", dates[0] ?? "")}. Esto vale si no hace compras nuevas.`
    : `Para liquidarla a tiempo, pague ${formatMoney(paymentCents)} a la cuenta en cada una de las ${dates.length} fechas de pago a partir del ${formatDateIn("es", dates[0] ?? "")}. Esto vale si no hace compras nuevas.`;
