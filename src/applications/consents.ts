import { createHash } from "node:crypto";

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

const version = "2026-11-01";

/** The proof kept with an application: which words, in which version and language, agreed to when. */
export function consentProof(agreedAt: Date) {
  return consents.map(({ id, text }) => ({
    id,
    version,
    language: "en",
    agreedAt: agreedAt.toISOString(),
    sha256: createHash("sha256").update(text).digest("hex"),
  }));
}
