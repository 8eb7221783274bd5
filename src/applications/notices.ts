import { formatDate, type IsoDate } from "../lib/dates.ts";
import { formatDateIn, type Language } from "../lib/language.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import type { Message } from "../platform/messages.ts";

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
type Applicant = { first_name: string; last_name: string; email: string };
/** One who is waited for, until a day. */
type Waiting = Applicant & { lapses_on: IsoDate };

/**
 * To the patient alone: the practice is told that it was sent, never what it says. Who refuses, why, the notice of the
 * Equal Credit Opportunity Act with the agency (12 CFR 1002.9(a)(2), (b)); where a credit report had a part in it, whose
 * and what follows from it (15 USC 1681m(a)).
 */
export function declineNotice(
  program: Program,
  applicant: Applicant,
  { reasons, withoutReport = false }: { reasons: string[]; withoutReport?: boolean | undefined },
): Message {
  const report = `Our decision was based in whole or in part on information from a consumer reporting agency: ${program.creditBureau}. The agency did not make the decision and cannot explain it. You have the right to a free copy of your report from the agency if you ask within 60 days, and to dispute with it anything that is inaccurate or incomplete.`;
  return letter(program, applicant, {
    text: `Thank you for applying for a ${program.name} health credit account. We are unable to approve your application at this time.

Our main reasons:
${reasons.map((reason) => `  - ${reason}`).join("\n")}
${withoutReport ? "" : `\n${report}\n`}
The federal Equal Credit Opportunity Act prohibits creditors from discriminating against credit applicants on the basis of race, color, religion, national origin, sex, marital status, age (provided the applicant has the capacity to enter into a binding contract); because all or part of the applicant's income derives from any public assistance program; or because the applicant has in good faith exercised any right under the Consumer Credit Protection Act. The federal agency that administers compliance with this law concerning this creditor is: ${program.agency}.

Questions? Call ${program.phone}, or write to ${program.name}, ${program.address}.`,
  });
}

/**
 * To the patient: that the decision waits for something only they can say, until when, and what follows otherwise (12
 * CFR 1002.9(c)(2)). Nothing in it tells what is suspected.
 */
export function pendingNotice(program: Program, applicant: Waiting): Message {
  return letter(program, applicant, {
    text: `Thank you for applying for a ${program.name} health credit account. Before we can decide, we need to confirm a few details with you.

${callBy(program, applicant)} Once your application is complete, you will hear our decision within 30 days.

If you did not apply, call the same number at once.`,
  });
}

/** To the patient, a week before a pending application, or an approval that was not accepted, lapses. */
export function lapseReminder(program: Program, applicant: Waiting & { outcome: string }): Message {
  if (applicant.outcome === "approved")
    return letter(program, applicant, {
      subject: `Your ${program.name} approval expires on ${formatDate(applicant.lapses_on)}`,
      text: `Your application was approved, and the account opens once you have accepted the agreement. The link is in our letter “Your ${program.name} application was approved”; it works until ${formatDate(applicant.lapses_on)}.

If you no longer want the account, you need not do anything. Questions? Call ${program.phone}.`,
    });
  return letter(program, applicant, {
    subject: `Your ${program.name} application still waits for you`,
    text: `We cannot decide on your application for a ${program.name} health credit account yet: we still need to confirm a few details with you.

${callBy(program, applicant)}

If you did not apply, or no longer want the account, call the same number.`,
  });
}

/** To the patient: that it has lapsed. */
export function expiryNotice(program: Program, applicant: Waiting & { outcome: string }): Message {
  const why =
    applicant.outcome === "approved"
      ? `Your application for a ${program.name} health credit account was approved, and the agreement was not accepted by ${formatDate(applicant.lapses_on)}.`
      : `We wrote to you that we needed to confirm a few details before we could decide on your application for a ${program.name} health credit account, and by ${formatDate(applicant.lapses_on)} we had not been able to.`;
  return letter(program, applicant, {
    subject: `Your ${program.name} application has expired`,
    text: `${why} So the application is closed, and no account was opened.

You are welcome to apply again at any time. Questions? Call ${program.phone}.`,
  });
}

/** To the patient: that an application was taken back. */
export function withdrawalNotice(program: Program, applicant: Applicant): Message {
  return letter(program, applicant, {
    subject: `Your ${program.name} application was withdrawn`,
    text: `As you asked, your application for a ${program.name} health credit account was withdrawn. It will not be decided, and no account was opened.

If you did not ask for this, call ${program.phone}. You are welcome to apply again at any time.`,
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

/** To a patient who applied by a link: what was approved, and that no account opens before they accept the agreement. */
export function offerNotice(
  program: Program,
  applicant: Waiting & { limit_cents: Cents; language: Language },
  link: string,
): Message {
  const [limit, until] = [formatMoney(applicant.limit_cents), formatDateIn(applicant.language, applicant.lapses_on)];
  if (applicant.language === "es")
    return {
      ...letter(program, applicant, {
        subject: `Su solicitud de ${program.name} fue aprobada`,
        text: `Buenas noticias: se aprobó su solicitud con un límite de ${limit}. La cuenta se abre cuando usted lea el contrato y lo acepte, a más tardar el ${until}:\n\n${link}\n\nDespués de esa fecha la aprobación vence. ¿Preguntas? Llame al ${program.phone}.`,
      }),
    };
  return letter(program, applicant, {
    subject: `Your ${program.name} application was approved`,
    text: `Good news: your application was approved with a limit of ${limit}. The account opens when you have read the agreement and accepted it, by ${until}:\n\n${link}\n\nAfter that day the approval expires. Questions? Call ${program.phone}.`,
  });
}

const callBy = ({ phone }: Program, { lapses_on }: Waiting) =>
  `Please call ${phone} by ${formatDate(lapses_on)}, and have a government-issued photo ID at hand. If we do not hear from you by then, we will not be able to consider your application further, and it will expire.`;

/** To the patient: what was approved, and at what rate. */
export function approvalNotice(
  program: Program,
  applicant: Applicant,
  account: { limitCents: Cents; standardApr: string; alreadyOpen: boolean },
): Message {
  const news = account.alreadyOpen
    ? `you already have a ${program.name} health credit account. No second one was opened, and its limit and rate are unchanged.`
    : `your ${program.name} health credit account is open. Your credit limit is ${formatMoney(account.limitCents)} and your standard APR is ${account.standardApr}%.`;
  return letter(program, applicant, {
    subject: `Your ${program.name} account`,
    text: `Good news: ${news}

If you did not ask for this, call ${program.phone} at once.`,
  });
}

function letter(
  program: Program,
  { first_name, last_name, email }: Applicant,
  { subject = `About your ${program.name} application`, text }: { subject?: string; text: string },
): Message {
  const whole = `Dear ${first_name} ${last_name},\n\n${text}\n\n${program.name}`;
  return { channel: "email", to: email, subject, text: whole };
}
