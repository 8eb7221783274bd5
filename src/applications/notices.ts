import type { IsoDate } from "../lib/dates.ts";
import { formatDateIn, type Language } from "../lib/language.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import type { Message } from "../platform/messages.ts";
import { type Agreement, agreementText } from "./agreement.ts";
import type { CreditScore } from "./bureau.ts";
import { inSpanish } from "./reasons.ts";

export type Program = {
  name: string;
  phone: string;
  address: string;
  timeZone: string;
  /** The federal agency that watches over this creditor (Regulation B, appendix A), with its address. */
  agency: string;
  /** The consumer reporting agency whose reports are asked for: name, address, toll-free number. */
  creditBureau: string;
};
type Applicant = { first_name: string; last_name: string; email: string; language: Language };
/** One who is waited for, until a day: to call, or to accept an approval. */
type Waiting = Applicant & { outcome: string | null; lapses_on: IsoDate };

/**
 * To the patient alone: the practice is told that it was sent, never what it says. Who refuses, why, the notice of the
 * Equal Credit Opportunity Act with the agency (12 CFR 1002.9(a)(2), (b)); where a credit report had a part in it, whose,
 * the score if one was used, and what follows from it (15 USC 1681m(a)). The reasons come
 * as the bureau words them, in Spanish where they are ones of the model form (part 1002, appendix C).
 */
export function declineNotice(
  program: Program,
  applicant: Applicant,
  {
    reasons,
    withoutReport = false,
    score,
  }: { reasons: string[]; withoutReport?: boolean | undefined; score?: CreditScore | undefined },
): Message {
  const { name, phone, address, agency, creditBureau } = program;
  const list = (lines: string[]) => lines.map((line) => `  - ${line}`).join("\n");
  if (applicant.language === "es") {
    const puntaje = score
      ? `\n\nTambién usamos un puntaje de crédito de esa agencia: ${score.value}, del ${formatDateIn("es", score.on)}, en una escala de ${score.lowest} a ${score.highest}. Lo que más lo afectó:\n${list(score.factors.map(inSpanish))}`
      : "";
    const informe = withoutReport
      ? ""
      : `\nNuestra decisión se basó en todo o en parte en información de una agencia de informes del consumidor: ${creditBureau}. La agencia no tomó la decisión y no puede explicarla. Tiene derecho a una copia gratuita de su informe si la pide a la agencia dentro de 60 días, y a disputar con ella cualquier dato inexacto o incompleto.${puntaje}\n`;
    return letter(program, applicant, {
      subject: `Acerca de su solicitud de ${name}`,
      text: `Gracias por solicitar una cuenta de crédito para la salud ${name}. No podemos aprobar su solicitud en este momento.

Nuestros motivos principales:
${list(reasons.map(inSpanish))}
${informe}
La ley federal de Igualdad de Oportunidades de Crédito prohíbe que los acreedores discriminen a los solicitantes de crédito por raza, color, religión, origen nacional, sexo, estado civil o edad (siempre que la persona tenga capacidad para celebrar un contrato); porque sus ingresos provengan en todo o en parte de un programa de asistencia pública; o porque haya ejercido de buena fe un derecho conforme a la Ley de Protección del Crédito del Consumidor. La agencia federal que vela por el cumplimiento de esta ley por parte de este acreedor es: ${agency}.

¿Preguntas? Llame al ${phone}, o escriba a ${name}, ${address}.`,
    });
  }
  const used = score
    ? `\n\nWe also used a credit score from that agency: ${score.value}, of ${formatDateIn("en", score.on)}, on a scale from ${score.lowest} to ${score.highest}. What affected it most:\n${list(score.factors)}`
    : "";
  const report = withoutReport
    ? ""
    : `\nOur decision was based in whole or in part on information from a consumer reporting agency: ${creditBureau}. The agency did not make the decision and cannot explain it. You have the right to a free copy of your report from the agency if you ask within 60 days, and to dispute with it anything that is inaccurate or incomplete.${used}\n`;
  return letter(program, applicant, {
    subject: `About your ${name} application`,
    text: `Thank you for applying for a ${name} health credit account. We are unable to approve your application at this time.

Our main reasons:
${list(reasons)}
${report}
The federal Equal Credit Opportunity Act prohibits creditors from discriminating against credit applicants on the basis of race, color, religion, national origin, sex, marital status, age (provided the applicant has the capacity to enter into a binding contract); because all or part of the applicant's income derives from any public assistance program; or because the applicant has in good faith exercised any right under the Consumer Credit Protection Act. The federal agency that administers compliance with this law concerning this creditor is: ${agency}.

Questions? Call ${phone}, or write to ${name}, ${address}.`,
  });
}

/**
 * To the patient: what we need to know from them, until when, and what follows otherwise (12 CFR 1002.9(c)(2)). Nothing
 * in it tells what is suspected.
 */
export function pendingNotice(program: Program, applicant: Waiting): Message {
  const { name } = program;
  if (applicant.language === "es")
    return letter(program, applicant, {
      subject: `Acerca de su solicitud de ${name}`,
      text: `Gracias por solicitar una cuenta de crédito para la salud ${name}. ${callBy(program, applicant)} Cuando su solicitud esté completa, conocerá nuestra decisión dentro de 30 días.

Si usted no la solicitó, llame de inmediato al mismo número.`,
    });
  return letter(program, applicant, {
    subject: `About your ${name} application`,
    text: `Thank you for applying for a ${name} health credit account. ${callBy(program, applicant)} Once your application is complete, you will hear our decision within 30 days.

If you did not apply, call the same number at once.`,
  });
}

/**
 * To the patient, a week before a pending application, or an approval that was not accepted, lapses.
 * @param link to the application, where the patient applied by one
 */
export function lapseReminder(program: Program, applicant: Waiting, link: string | null): Message {
  const { name, phone } = program;
  const { outcome, language, lapses_on } = applicant;
  const until = formatDateIn(language, lapses_on);
  const here = link ? `\n\n${link}` : "";
  if (language === "es")
    return outcome === "approved"
      ? letter(program, applicant, {
          subject: `Su aprobación de ${name} vence pronto`,
          text: `Su solicitud fue aprobada. La cuenta se abre cuando usted acepte el contrato, a más tardar el ${until}:${here}

Si ya no quiere la cuenta, no tiene que hacer nada. ¿Preguntas? Llame al ${phone}.`,
        })
      : letter(program, applicant, {
          subject: `Su solicitud de ${name} todavía le espera`,
          text: `Todavía no podemos decidir sobre su solicitud. ${callBy(program, applicant)}${here}

Si usted no la solicitó, o ya no quiere la cuenta, llame al mismo número.`,
        });
  return outcome === "approved"
    ? letter(program, applicant, {
        subject: `Your ${name} approval expires on ${until}`,
        text: `Your application was approved. The account opens when you accept the agreement, by ${until}:${here}

If you no longer want the account, you need not do anything. Questions? Call ${phone}.`,
      })
    : letter(program, applicant, {
        subject: `Your ${name} application still waits for you`,
        text: `We cannot decide on your application yet. ${callBy(program, applicant)}${here}

If you did not apply, or no longer want the account, call the same number.`,
      });
}

/** To the patient: that it has lapsed. */
export function expiryNotice(program: Program, applicant: Waiting): Message {
  const { name, phone } = program;
  const { outcome, language, lapses_on } = applicant;
  const until = formatDateIn(language, lapses_on);
  if (language === "es") {
    const motivo =
      outcome === "approved"
        ? `Su solicitud fue aprobada, y el contrato no se aceptó a más tardar el ${until}.`
        : `Le escribimos que necesitábamos saber quién es usted antes de decidir, y hasta el ${until} no lo pudimos confirmar.`;
    return letter(program, applicant, {
      subject: `Su solicitud de ${name} venció`,
      text: `${motivo} Por eso la solicitud se cerró, y no se abrió ninguna cuenta.

Puede volver a solicitar cuando quiera. ¿Preguntas? Llame al ${phone}.`,
    });
  }
  const why =
    outcome === "approved"
      ? `Your application was approved, and the agreement was not accepted by ${until}.`
      : `We wrote to you that we had to know who you are before we could decide, and by ${until} we had not been able to confirm it.`;
  return letter(program, applicant, {
    subject: `Your ${name} application has expired`,
    text: `${why} So the application is closed, and no account was opened.

You are welcome to apply again at any time. Questions? Call ${phone}.`,
  });
}

/** To the patient: that an application was taken back. */
export function withdrawalNotice(program: Program, applicant: Applicant): Message {
  const { name, phone } = program;
  if (applicant.language === "es")
    return letter(program, applicant, {
      subject: `Su solicitud de ${name} se retiró`,
      text: `Como pidió, su solicitud de una cuenta de crédito para la salud ${name} se retiró, y no se abrió ninguna cuenta.

Si no lo pidió, llame al ${phone}. Puede volver a solicitar cuando quiera.`,
    });
  return letter(program, applicant, {
    subject: `Your ${name} application was withdrawn`,
    text: `As you asked, your application for a ${name} health credit account was taken back, and no account was opened.

If you did not ask for this, call ${phone}. You are welcome to apply again at any time.`,
  });
}

/** To a patient who is sent a link: who invites them, to what, until when. */
export function invitation(
  program: { name: string; phone: string },
  language: Language,
  { practice, link, days }: { practice: string; link: string; days: number },
): Pick<Message, "subject" | "text"> {
  if (language === "es")
    return {
      subject: `Solicite su cuenta de crédito para la salud ${program.name}`,
      text: `${practice} le invita a solicitar una cuenta de crédito para la salud ${program.name}. Toma unos cinco minutos, en su propio teléfono:\n\n${link}\n\nEl enlace funciona durante ${days} días. Si no lo pidió, ignore este mensaje o llame al ${program.phone}.`,
    };
  return {
    subject: `Apply for your ${program.name} health credit account`,
    text: `${practice} invites you to apply for a ${program.name} health credit account. It takes about five minutes, on your own phone:\n\n${link}\n\nThe link works for ${days} days. If you did not ask for it, ignore this message or call ${program.phone}.`,
  };
}

/** To a patient who applied by a link and asked for it again: the way back. */
export function linkAgain(program: Program, applicant: Applicant, link: string): Message {
  const { name, phone } = program;
  if (applicant.language === "es")
    return letter(program, applicant, {
      subject: `El enlace a su solicitud de ${name}`,
      text: `Aquí está su solicitud. Ábrala para ver cómo va y qué falta. Le preguntaremos su fecha de nacimiento:\n\n${link}\n\nSi no lo pidió, llame al ${phone}.`,
    });
  return letter(program, applicant, {
    subject: `The link to your ${name} application`,
    text: `Here is your application. Open it to see how it stands and what is left to do. We will ask for your date of birth:\n\n${link}\n\nIf you did not ask for it, call ${phone}.`,
  });
}

/** To a patient who applied by a link: what was approved, and that no account opens before they accept the agreement. */
export function offerNotice(
  program: Program,
  applicant: Applicant & { lapses_on: IsoDate; limit_cents: Cents },
  link: string,
): Message {
  const { language } = applicant;
  const [limit, until] = [formatMoney(applicant.limit_cents), formatDateIn(language, applicant.lapses_on)];
  if (language === "es")
    return letter(program, applicant, {
      subject: `Su solicitud de ${program.name} fue aprobada`,
      text: `Buenas noticias: se aprobó su solicitud con un límite de ${limit}. La cuenta se abre cuando usted lea el contrato y lo acepte, a más tardar el ${until}:\n\n${link}\n\nDespués de esa fecha la aprobación vence. ¿Preguntas? Llame al ${program.phone}.`,
    });
  return letter(program, applicant, {
    subject: `Your ${program.name} application was approved`,
    text: `Good news: your application was approved with a limit of ${limit}. The account opens when you have read the agreement and accepted it, by ${until}:\n\n${link}\n\nAfter that day the approval expires. Questions? Call ${program.phone}.`,
  });
}

/** To the patient: that the account is open, and its agreement to keep; or that there was an account already. */
export function approvalNotice(
  program: Program,
  applicant: Applicant,
  account: { limitCents: Cents; standardApr: string; alreadyOpen: boolean; agreement: Agreement },
): Message {
  const { name, phone } = program;
  const { limitCents, standardApr, alreadyOpen, agreement } = account;
  const keep = alreadyOpen ? "" : `\n\n${agreementText(agreement)}`;
  if (applicant.language === "es") {
    const noticia = alreadyOpen
      ? `ya tiene una cuenta de crédito para la salud ${name}. No se abrió otra, y su límite y su tasa no cambian.`
      : `su cuenta de crédito para la salud ${name} está abierta. Su límite de crédito es ${formatMoney(limitCents)} y su APR estándar es ${standardApr}%.`;
    return letter(program, applicant, {
      subject: `Su cuenta ${name}`,
      text: `Buenas noticias: ${noticia}\n\nSi no lo pidió, llame de inmediato al ${phone}.${keep}`,
    });
  }
  const news = alreadyOpen
    ? `you already have a ${name} health credit account. No second one was opened, and its limit and rate are unchanged.`
    : `your ${name} health credit account is open. Your credit limit is ${formatMoney(limitCents)} and your standard APR is ${standardApr}%.`;
  return letter(program, applicant, {
    subject: `Your ${name} account`,
    text: `Good news: ${news}\n\nIf you did not ask for this, call ${phone} at once.${keep}`,
  });
}

function callBy({ phone }: Program, { language, lapses_on }: Waiting): string {
  const until = formatDateIn(language, lapses_on);
  return language === "es"
    ? `Antes de decidir tenemos que saber quién es usted: su nombre, su fecha de nacimiento y su dirección, según una identificación oficial con foto. Llame al ${phone} a más tardar el ${until}, con la identificación a mano. Si no sabemos de usted hasta entonces, no podremos seguir considerando su solicitud, y vencerá.`
    : `Before we can decide, we need to confirm who you are: your name, date of birth and address, by a government-issued photo ID. Please call ${phone} by ${until}, with the ID at hand. If we do not hear from you by then, we will not be able to consider your application further, and it will expire.`;
}

function letter(
  program: Program,
  { first_name, last_name, email, language }: Applicant,
  { subject, text }: { subject: string; text: string },
): Message {
  const dear = language === "es" ? "Hola" : "Dear";
  const mark = language === "es" ? ":" : ",";
  const whole = `${dear} ${first_name} ${last_name}${mark}\n\n${text}\n\n${program.name}`;
  return { channel: "email", to: email, subject, text: whole };
}
