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
