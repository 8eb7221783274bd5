import type { Language } from "./language.ts";

/*
 * What an advertisement of credit may say, as far as a program can read it: 12 CFR 1026.16(b)(2), (g) and (h). It reads
 * strictly: a sentence that it refuses by mistake can be said another way, one that it let through would hang on a wall.
 */

const interest = String.raw`(?:[il1]nt(?:e?re?st)?|financ(?:e|ing)\s+charges?|interes(?:es)?|cargos?\s+(?:financieros?|por\s+financiamiento))`;
const none = String.raw`(?:n[o0]t?|none|never|nothing|zero|without|free|avoid\w*|skip\w*|waive[sd]?|forget|cannot|\w+n['’]t|(?:do|wo|ca|is|are)nt|on\s+us|sin|cero|nunca|jamas|ningun[ao]?|nada|libres?|evit\w+|olvid\w+|0+(?:\.0+)?\s*%?|(?:US)?\$\s?0+(?:\.0+)?(?![.,]?\d))`;
/** Time to pay that costs nothing is interest that is not charged. */
const atNoCost = String.raw`\b(?:no|zero|without|sin|cero)\s+(?:(?:extra|additional|added|any)\s+)?(?:charges?|costs?|costos?|cargos?)\b`;
/**
 * "No interest", and whatever else promises to avoid it (1026.16(h)(3): "or similar term"): a word for none and a word for
 * interest in one sentence, near each other, whichever comes first; and cash, which costs none.
 */
const noInterest = new RegExp(
  String.raw`(?<![\w.,$])${none}(?!\w)[^.]{0,40}?\b${interest}\b|\b${interest}\b[^.]{0,25}?(?<![\w.,$])${none}(?!\w)|\bsame\s+as\s+cash\b|\b(?:we|us|nosotros)\s+(?:will\s+)?(?:pay|cover|pagamos|cubrimos)\b[^.]{0,25}?\b${interest}\b|${atNoCost}[^.]{0,40}?\b(?:months?|mo|meses)\b|\b(?:months?|mo|meses)\b[^.]{0,40}?${atNoCost}`,
  "giu",
);
/** A word that answers "Interest?". */
const answer = String.raw`¡?\s?(?:none|never|nothing|zero|\$?\s?0+(?:\.0+)?\s?%?|not|nada|ningun\w*|nunca|jamas|cero|no(?!\s+\w))(?!\w)`;
/**
 * "Interest? None!" is one sentence. After an exclamation only an answer that stands alone is: "No interest! Zero worries if
 * paid in full" does not say what it has to say in the sentence that has to say it.
 */
const endOfSentence = new RegExp(
  String.raw`(?<=[.;])\s+|(?<=\?)\s+(?!${answer})|(?<=[!¡¿])\s+(?!¡?\s?(?:none|ningun[ao])(?!\w)|${answer}\s*(?:[!.]|$))`,
  "iu",
);

const paidInFull =
  /\bif\s+(?:it\s+is\s+)?paid\s+in\s+full\b|\bsi\s+se\s+pagan?\s+en\s+su\s+totalidad\b|\bsi\s+(?:usted\s+)?(?:l[oa]\s+)?liquidan?\b/iu;
/** What the law has one say, whose "not" avoids no interest. */
const notPaidInFull = /\b(?:is\s+)?not\s+paid\s+in\s+full\b|\bno\s+se\s+pagan?\s+en\s+su\s+totalidad\b/giu;
const period = /\b\d+\s*(?:,|o|or|y|and|\d|\s)*\s*(?:months?|meses)\b/iu;
const chargedFromStart =
  /interest\b[^.]*\bcharged\b[^.]*\bfrom\s+the\s+(?:date\s+of\s+(?:the\s+)?(?:purchase|sale)|purchase\s+date)|\b(?:cobra\p{L}*)\b[^.]*\binteres(?:es)?\b[^.]*\bdesde\s+la\s+fecha\s+de\s+(?:la\s+)?compra/iu;

const money = String.raw`(?:(?:\$|\bUSD)\s?\d[\d,]*(?:\.\d{2})?|\b\d[\d,]*(?:\.\d{2})?\s*(?:\$(?!\s?\d)|(?:dollars|dolares|USD)\b))`;
const every = String.raw`(?:(?:\/|a|per|each|every|al|por|cada|(?:\/|per|each|every|cada)\s*(?:\d+|two|three|four|six|other|second|dos|tres|cuatro|seis))\s*(?:months?|mo\b|mth|weeks?|wk|days?|mes(?:es)?|semanas?|quincenas?|dias?)|(?:bi\s?)?(?:monthly|weekly)|mensual(?:es)?|semanal(?:es)?|quincenal(?:es)?)`;
const counted = `(?:payments?|installments?|pagos?|cuotas?)`;
const number = String.raw`(?:\d+|\b(?:two|three|four|five|six|eight|nine|ten|twelve|eighteen|twenty|dos|tres|cuatro|cinco|seis|ocho|nueve|diez|doce|dieciocho|veinte)\b)`;
const aMonth = String.raw`(?:(?:a|per|each|every|al|por|cada|\/)\s*(?:month|mo|mes)\b|\bmonthly\b|\bmensual(?:es)?\b)`;
/** An amount that is to be paid again and again (1026.16(b)(2)). */
const payment = new RegExp(
  String.raw`${money}\s*${every}|\b${every}\s*:?\s*(?:${counted}[^.$]{0,25})?${money}|\b${counted}\s+(?:mensual|semanal)(?:es)?[^.$]{0,25}${money}|${number}\s+(?:[a-z]+\s+){0,2}${counted}(?:\s+[a-z]+){0,2}\s+${money}|\b${counted}\s+(?:[a-z]+\s+){0,3}(?:of|at|from|de|desde|low\s+as)\s+${money}|\b\d+\s*[x×]\s*${money}|${money}\s*[x×]\s*\d`,
  "iu",
);
const total = new RegExp(String.raw`\btotal\b[^.$]{0,40}${money}|${money}\s+(?:in\s+all|in\s+total|en\s+total)`, "iu");
const time = /\b\d+\s+(?:monthly\s+)?(?:months?|payments?|years?|weeks?|meses|pagos?|cuotas?|anos?|semanas?)\b/iu;

const zeroRate =
  /(?<![\d.,])0+(?:\.0+)?\s*(?:%|per\s?cent\b|por\s+ciento\b)|\bapr\s*:?\s*(?:of\s+)?0+(?:\.0+)?(?![\d.])|\b(?:zero|cero)\s*(?:%|per\s?cent\b|por\s+ciento\b)|\b(?:zero|no|cero|sin)\s+(?:%\s*|per\s?cent\s+|por\s+ciento\s+(?:de\s+)?)?(?:apr|rate|tasa)\b/giu;
const thenRate = /^[^.]{0,60}\b(?:then|despues)\b[^.]{0,30}\d+\.\d+\s*%/iu;

const promise =
  /\bguaranteed?\b|\b(?:every(?:one|body)|any(?:one|body))\s+(?:\w+\s+){0,2}(?:approved|accepted|qualif\w+)|\byou(?:\s+(?:are|will\s+be)|['’](?:re|ll\s+be))\s+(?:already\s+)?(?:pre\s?)?approved\b|\b100\s*%\s+approv\w+|\ball\s+credit\s+(?:\w+\s+)?(?:accepted|approved|welcome)\b|\binstant\s+approval\b|\bapproval\s+for\s+(?:all|every\w*)\b|\bno\s+credit\s+check\b|\bgarantizad[ao]s?\b|\btod[oa]s\s+(?:\w+\s+)?aprobad[ao]s\b|\baprobacion\s+(?:instantanea|segura)\b|\bsin\s+(?:revisar|verificacion\s+de|revision\s+de)\s+(?:el\s+|su\s+)?credito\b/iu;

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
  falseTotal: "The total is not what the payments come to. Multiply the payment by how many there are.",
  time: "A payment must have the time beside it, like “12 months” (12 CFR 1026.16(b)).",
  thenRate: "“0%” must say what rate comes after it, like “then 17.90% APR” (12 CFR 1026.16(g)).",
  promise: "Nobody can promise an approval. Leave that out.",
};

/**
 * What is wrong with an advertisement, a sentence for each; nothing when it may be printed.
 * @param words all that it says, block by block: a block that ends without a full stop ends its sentence all the same
 */
export function wrongWith(words: readonly string[], language: Language): string[] {
  const parts = words.flatMap((block) => plain(block).split(endOfSentence));
  const whole = parts.join(". ");
  const wrong: string[] = [];
  let avoids = false;
  for (const sentence of parts) {
    const part = sentence.replace(notPaidInFull, "unpaid");
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
  if (totalIsFalse(whole)) wrong.push(sentences.falseTotal);
  return [...new Set(wrong)];
}

const amountIn = (text: string | undefined) => Number(text?.match(/\d[\d,]*(?:\.\d{2})?/)?.[0].replaceAll(",", ""));

/**
 * Where one payment a month, one time in months, years or payments, and one total stand: the last payment may be less, and
 * none may be more. A number of payments in a word beside the time is what counts, and is left to people.
 */
function totalIsFalse(whole: string): boolean {
  const amounts = new Set(whole.match(new RegExp(money, "giu")));
  const times = whole.match(new RegExp(time, "giu")) ?? [];
  const isCounted = new RegExp(`\\b${counted}\\b`, "iu");
  if (isCounted.test(whole) && !isCounted.test(times[0] ?? "")) return false;
  if (/week|semana/iu.test(times[0] ?? "")) return false;
  const monthly = whole.match(new RegExp(`${money}\\s*${aMonth}|${aMonth}\\s*:?\\s*${money}`, "iu"))?.[0];
  const all = whole.match(total)?.[0];
  if (amounts.size !== 2 || times.length !== 1 || !monthly || !all) return false;
  const count = Number.parseInt(times[0] ?? "", 10) * (/year|ano/iu.test(times[0] ?? "") ? 12 : 1);
  const [one, sum] = [amountIn(monthly), amountIn(all)];
  return sum <= one * (count - 1) || sum > one * count;
}

/** Accents, letters of other alphabets that look like ours, invisible signs, hyphens and line breaks do not hide a word. */
const plain = (text: string) =>
  text
    .normalize("NFKD")
    .replace(/[\p{Cf}\p{M}]/gu, "")
    .replace(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu, (letter) => lookAlikes.get(letter) ?? letter)
    .replace(/[\u2010-\u2015\u2212_-]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();

const lookAlikes = new Map(
  ["аa еe іi оo рp сc уy хx ѕs јj пn тt нh кk мm", "АA ЕE ІI ОO РP СC УY ХX ЅS ЈJ ТT НH КK МM ВB"]
    .concat("οo αa εe ιi νv ρp τt υu χx κk ηn", "ΟO ΑA ΕE ΙI ΝN ΡP ΤT ΥY ΧX ΚK ΗH ΜM ΒB ΖZ")
    .flatMap((pairs) => pairs.split(" ").map((pair) => [pair.slice(0, 1), pair.slice(1)] as const)),
);
