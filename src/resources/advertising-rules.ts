import type { Language } from "./language.ts";

/*
 * What an advertisement of credit may say, as far as a program can read it: 12 CFR 1026.16(b)(2), (g) and (h). It reads
 * strictly: a sentence that it refuses by mistake can be said another way, one that it let through would hang on a wall.
 */

/** "No interest", and what else promises to avoid it (1026.16(h)(3): "or similar term"). */
const noInterest =
  /\bno\s+(?:[\p{L}%]+\s+){0,2}interest\b|\b(?:zero|without|free\s+of|avoid)\s+(?:any\s+|all\s+)?(?:interest|finance\s+charges?)\b|\bno\s+finance\s+charges?\b|\binterest[\s-]*free\b|\b0\s*%\s*(?:interest|financing|finance)\b|\bsame\s+as\s+cash\b|\b(?:sin|cero|libre\s+de|evit[ae]r?)\s+(?:ning[uú]n\s+|los\s+|el\s+|pagar\s+)?inter[eé]s(?:es)?\b|\bno\s+(?:pag\p{L}+|cobra\p{L}+)\s+(?:\p{L}+\s+)?inter[eé]s(?:es)?\b|\b0\s*%\s*(?:de\s+)?(?:inter[eé]s|financiamiento)/giu;

const paidInFull = /\bif\s+(?:it\s+is\s+)?paid\s+in\s+full\b|\bsi\s+se\s+pagan?\s+en\s+su\s+totalidad\b/iu;
const period = /\b\d+\s*(?:,|o|or|y|and|\d|\s)*\s*(?:months?|meses)\b/iu;
const chargedFromStart =
  /interest\b[^.]*\bcharged\b[^.]*\bfrom\s+the\s+(?:date\s+of\s+(?:the\s+)?(?:purchase|sale)|purchase\s+date)|\b(?:cobra\p{L}*)\b[^.]*\binter[eé]s(?:es)?\b[^.]*\bdesde\s+la\s+fecha\s+de\s+(?:la\s+)?compra/iu;

const money = String.raw`\$\s?\d[\d,]*(?:\.\d{2})?`;
const every = String.raw`(?:\/|a|per|each|every|al|por|cada)\s*(?:month|mo\b|week|day|mes|semana|d[ií]a)`;
/** An amount that is to be paid again and again (1026.16(b)(2)). */
const payment = new RegExp(
  String.raw`${money}\s*${every}|${money}\s*(?:monthly|weekly|mensual|semanal)|\d+\s*(?:dollars|d[oó]lares)\s*${every}|(?:monthly|weekly)\s+(?:payments?|installments?)[^.$]{0,25}${money}|(?:pagos?|cuotas?)\s+mensual(?:es)?[^.$]{0,25}${money}|\d+\s+(?:monthly\s+)?(?:payments?|pagos?|cuotas?)(?:\s+mensuales)?\s+(?:of|de)\s+${money}`,
  "iu",
);
const total = new RegExp(String.raw`\btotal\b[^.$]{0,40}${money}|${money}\s+(?:in\s+all|in\s+total|en\s+total)`, "iu");
const time = /\b\d+\s+(?:monthly\s+)?(?:months?|payments?|years?|weeks?|meses|pagos?|cuotas?|a[ñn]os?|semanas?)\b/iu;

const zeroRate = /\b0\s*%/gu;
const thenRate = /^[^.]{0,60}\b(?:then|despu[eé]s)\b[^.]{0,30}\d+\.\d+\s*%/iu;

const promise =
  /\bguaranteed?\b|\beveryone\s+(?:is\s+|gets\s+)?approved\b|\bno\s+credit\s+check\b|\bgarantizad[ao]\b|\bsin\s+(?:revisar|verificaci[oó]n\s+de)\s+(?:el\s+|su\s+)?cr[eé]dito\b/iu;

/** How far "if paid in full" may stand from what it belongs to, in characters. */
const near = 60;

const sentences = {
  paidInFull: {
    en: "“No interest” must have “if paid in full” right beside it, in the same sentence (12 CFR 1026.16(h)).",
    es: "“Sin intereses” must have “si se paga en su totalidad” right beside it, in the same sentence (12 CFR 1026.16(h)).",
  },
  period: "Say within how many months it has to be paid in full (12 CFR 1026.16(h)).",
  chargedFromStart:
    "Say that interest is charged from the date of purchase if it is not paid in full (12 CFR 1026.16(h)).",
  total: "A payment must have the total of all payments beside it, like “$1,200.00 in all” (12 CFR 1026.16(b)).",
  time: "A payment must have the time beside it, like “12 months” (12 CFR 1026.16(b)).",
  thenRate: "“0%” must say what rate comes after it, like “then 17.90% APR” (12 CFR 1026.16(g)).",
  promise: "Nobody can promise an approval. Leave that out.",
};

/**
 * What is wrong with an advertisement, a sentence for each; nothing when it may be printed.
 * @param words all that it says, block by block: a block that ends without a full stop ends its sentence all the same
 */
export function wrongWith(words: readonly string[], language: Language): string[] {
  const parts = words.flatMap((block) => plain(block).split(/(?<=[.!?¡¿;])\s+/));
  const whole = parts.join(". ");
  const wrong: string[] = [];
  let avoids = false;
  for (const part of parts) {
    for (const found of part.matchAll(noInterest)) {
      avoids = true;
      const around = part.slice(Math.max(0, found.index - near), found.index + found[0].length + near);
      if (!paidInFull.test(around)) wrong.push(sentences.paidInFull[language]);
    }
    for (const found of part.matchAll(zeroRate)) {
      const after = part.slice(found.index + found[0].length);
      if (!thenRate.test(after) && !paidInFull.test(part)) wrong.push(sentences.thenRate);
    }
    if (promise.test(part)) wrong.push(sentences.promise);
  }
  if (avoids && !period.test(whole)) wrong.push(sentences.period);
  if (avoids && !chargedFromStart.test(whole)) wrong.push(sentences.chargedFromStart);
  if (payment.test(whole) && !total.test(whole)) wrong.push(sentences.total);
  if (payment.test(whole) && !time.test(whole)) wrong.push(sentences.time);
  return [...new Set(wrong)];
}

/** Look-alikes, invisible signs, hyphens and line breaks do not hide a word. */
const plain = (text: string) =>
  text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(/[\u2010-\u2015\u2212_-]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
