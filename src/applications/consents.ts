import { createHash } from "node:crypto";
import type { Language } from "../lib/language.ts";

/** What the patient agrees to, in the words shown beside each box. A change of words is a new version. */
export const consents = [
  {
    id: "consentBureau",
    missing: "The patient has to agree to the credit report being asked for",
    text: "The patient agrees that their credit report is asked for. This is a hard inquiry.",
  },
  {
    id: "consentElectronic",
    missing: "The patient has to agree to receive everything by e-mail",
    text: "The patient agrees to receive the agreement, disclosures and notices electronically instead of on paper, and can open them.",
  },
  {
    id: "consentTerms",
    missing: "The patient has to have seen the rates and fees",
    text: "The patient has seen the rates and fees, and says that everything on this application is true.",
  },
] as const;

/** The same in the words that a patient agrees to on a device of their own. */
const ownWords = {
  en: {
    consentBureau: "I agree that my credit report is asked for. This is a hard inquiry.",
    consentElectronic:
      "I agree to receive the agreement, disclosures and notices electronically instead of on paper, and can open them.",
    consentTerms: "I have seen the rates and fees, and everything on this application is true.",
  },
  es: {
    consentBureau: "Acepto que se solicite mi informe de crédito. Es una consulta que queda registrada (hard inquiry).",
    consentElectronic:
      "Acepto recibir el contrato, las divulgaciones y los avisos por medios electrónicos en lugar de en papel, y puedo abrirlos.",
    consentTerms: "He visto las tasas y los cargos, y todo lo que dice esta solicitud es cierto.",
  },
} as const;

/** Who is asked for consent: a practice that reads it to the patient, or the patient, in their language. */
export type ConsentWords = "practice" | Language;

/** The boxes to tick, in the words of whoever reads them. */
export const consentsIn = (words: ConsentWords) =>
  consents.map(({ id, text }) => ({ id, text: words === "practice" ? text : ownWords[words][id] }));

const version = "2026-11-27";

/** The proof kept with an application: which words, in which version and language, agreed to when. */
export function consentProof(agreedAt: Date, words: ConsentWords = "practice") {
  return consentsIn(words).map(({ id, text }) => ({
    id,
    version,
    language: words === "practice" ? "en" : words,
    agreedAt: agreedAt.toISOString(),
    sha256: createHash("sha256").update(text).digest("hex"),
  }));
}
