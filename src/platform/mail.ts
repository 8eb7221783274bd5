import type { NodemailerError, SMTPTransportOptions, Transporter } from "nodemailer";
import { type Carrier, Undelivered } from "./deliver-message.ts";

export type MailOptions = { url: string; from: { name: string; address: string }; production: boolean };

/** However slowly a server answers, sending one message takes no longer. */
const patienceMs = 20_000;

/**
 * Mail by SMTP, as plain text. In production the connection is encrypted (`smtps://`, or `smtp://` with STARTTLS) unless
 * the URL says `?requireTLS=false`; elsewhere STARTTLS is taken where offered, but not from this very machine, whose
 * certificate nobody signed.
 */
export function mailCarrier({ url, from, production }: MailOptions): Carrier {
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
  let transport: Transporter | undefined;
  return async ({ id, at, to, subject, text }, signal) => {
    transport ??= await openTransport({
      url,
      requireTLS: production && !url.startsWith("smtps:"),
      ignoreTLS: isLocal && !production,
      connectionTimeout: 5_000,
      greetingTimeout: 5_000,
      dnsTimeout: 5_000,
      socketTimeout: patienceMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const letter = {
      from,
      to: { name: "", address: to },
      subject,
      text,
      date: at,
      messageId: `<${id}@${from.address.split("@")[1]}>`,
      headers: { "Auto-Submitted": "auto-generated" }, // so that holiday notices do not answer
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    };
    await transport.sendMail(letter).catch((error: NodemailerError) => {
      throw new Undelivered(codeOf(error), { isFinal: isFinal(error) });
    });
  };
}

async function openTransport(options: SMTPTransportOptions): Promise<Transporter> {
  // Here, and not above, because it brings 18 MB along, which a demo does not need.
  const { createTransport } = await import("nodemailer");
  return createTransport(options);
}

/**
 * A 5xx about this message or its recipient, or an address that cannot even be asked about. A 5xx about us (a wrong
 * password, no encryption) is mended by an operator, and the message waits for that.
 */
function isFinal({ code, responseCode = 500 }: NodemailerError): boolean {
  const isAboutUs = [530, 534, 535, 538].includes(responseCode);
  return (code === "EENVELOPE" || code === "EMESSAGE") && responseCode >= 500 && !isAboutUs;
}

/** For example `EENVELOPE 550 5.1.1`. */
function codeOf({ code = "unknown", responseCode, response = "" }: NodemailerError): string {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  return [code, responseCode, enhanced].filter(Boolean).join(" ");
}
