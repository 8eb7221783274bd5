import type { IsoDate } from "../lib/dates.ts";
import { formatDateIn } from "../lib/language.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import type { Letter, Recipient } from "./tell-patient.ts";

export type Program = { name: string; phone: string };

/** That a credit is on its way back. */
export function creditLetter(program: Program, { name, language, last4 }: Recipient, amountCents: Cents): Letter {
  const amount = formatMoney(amountCents);
  if (language === "es") {
    return {
      subject: "Le devolvemos su saldo a favor",
      text: `Hola, ${name}:

Su cuenta de crédito para la salud ${program.name} que termina en ${last4} tenía un saldo a favor. Hoy registramos la devolución de ${amount}, que ya no forma parte de su cuenta.

¿Preguntas? Llame al ${program.phone}.

${program.name}`,
      short: `${program.name}: devolvemos ${amount}, el saldo a favor de su cuenta que termina en ${last4}. Preguntas: ${program.phone}`,
    };
  }
  return {
    subject: "We are refunding your credit balance",
    text: `Hello ${name},

Your ${program.name} health credit account ending in ${last4} had a credit balance. Today we recorded the refund of ${amount}, which is no longer part of your account.

Questions? Call ${program.phone}.

${program.name}`,
    short: `${program.name}: we are refunding ${amount}, the credit on your account ending in ${last4}. Questions: ${program.phone}`,
  };
}

/** That a patient's notice of an error has come (1026.13(c)(1)), and what it means meanwhile (1026.13(d)). */
export function disputeLetter(
  program: Program,
  { name, language, last4 }: Recipient,
  notice: { amountCents: Cents; noticedOn: IsoDate },
): Letter {
  const amount = formatMoney(notice.amountCents);
  const day = formatDateIn(language, notice.noticedOn);
  if (language === "es") {
    return {
      subject: "Recibimos su reclamo",
      text: `Hola, ${name}:

El ${day} recibimos su aviso de que un cargo de ${amount} en su cuenta de crédito para la salud ${program.name} que termina en ${last4} no es correcto. Lo estamos investigando y le escribiremos lo que encontremos dentro de dos ciclos de facturación completos, y a más tardar en 90 días.

Mientras investigamos, no tiene que pagar ese monto ni los intereses sobre él. Sí tiene que pagar la parte de su saldo que no está en disputa.

¿Preguntas? Llame al ${program.phone}.

${program.name}`,
      short: `${program.name}: recibimos su reclamo por ${amount} en su cuenta que termina en ${last4}. No tiene que pagar ese monto mientras lo investigamos. Preguntas: ${program.phone}`,
    };
  }
  return {
    subject: "We received your billing dispute",
    text: `Hello ${name},

On ${day} we received your notice that a charge of ${amount} on your ${program.name} health credit account ending in ${last4} is wrong. We are looking into it, and will write to you what we found within two complete billing cycles, and at the latest within 90 days.

While we do, you do not have to pay that amount or interest on it. You still have to pay the part of your balance that is not in dispute.

Questions? Call ${program.phone}.

${program.name}`,
    short: `${program.name}: we received your dispute of ${amount} on your account ending in ${last4}. You do not have to pay it while we look into it. Questions: ${program.phone}`,
  };
}

/** What was found: 1026.13(e) where the patient was right, (f) where the charge stands. */
export function disputeAnswer(
  program: Program,
  { name, language, last4 }: Recipient,
  answer: { amountCents: Cents; noticedOn: IsoDate; outcome: "corrected" | "stands"; because: string },
): Letter {
  const amount = formatMoney(answer.amountCents);
  const day = formatDateIn(language, answer.noticedOn);
  const isRight = answer.outcome === "corrected";
  if (language === "es") {
    const found = isRight
      ? "Usted tenía razón. Lo que no debía se devuelve a su cuenta."
      : "El cargo es correcto, y vuelve a formar parte de lo que usted debe. Puede pedirnos copia de los documentos que lo prueban.";
    return {
      subject: "Lo que encontramos sobre su reclamo",
      text: `Hola, ${name}:

Terminamos de investigar el cargo de ${amount} en su cuenta de crédito para la salud ${program.name} que termina en ${last4}, del que nos avisó el ${day}.

${found}

Nuestro motivo: ${answer.because}

¿Preguntas? Llame al ${program.phone}.

${program.name}`,
      short: `${program.name}: terminamos de investigar su reclamo por ${amount} en su cuenta que termina en ${last4}. ${isRight ? "Usted tenía razón." : "El cargo es correcto."} Preguntas: ${program.phone}`,
    };
  }
  const found = isRight
    ? "You were right. What you did not owe is given back to your account."
    : "The charge is right, and is again part of what you owe. You may ask us for copies of the documents that show it.";
  return {
    subject: "What we found about your billing dispute",
    text: `Hello ${name},

We have finished looking into the charge of ${amount} on your ${program.name} health credit account ending in ${last4}, of which you told us on ${day}.

${found}

Our reason: ${answer.because}

Questions? Call ${program.phone}.

${program.name}`,
    short: `${program.name}: we have finished looking into your dispute of ${amount} on your account ending in ${last4}. ${isRight ? "You were right." : "The charge stands."} Questions: ${program.phone}`,
  };
}
