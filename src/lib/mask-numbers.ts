/*
 * What looks like a Social Security or a card number is taken out of what people type before anything is kept. Better a
 * number too many: nobody at support may need one that was typed here.
 */

const between = "[\\s.,_/\\-\\u00ad\\u2010-\\u2015\\u2212]";
/** Nine digits as three, two and four, or without anything between. ZIP+4 and phone numbers are grouped otherwise. */
const ssn = new RegExp(
  `(?<!\\d|\\d[-.])\\d{3}(?:\\d{2}|${between}{1,3}\\d{2}${between}{1,3})(\\d{4})(?!\\d|[-.]\\d)`,
  "gu",
);
const longRun = new RegExp(`(?<!\\d)\\d(?:${between}{0,3}\\d){12,}(?!\\d)`, "gu");

/** The text with such numbers masked to their last four, and whether there were any. */
export function maskNumbers(text: string): { text: string; wasMasked: boolean } {
  // Digits of other scripts and of full width are digits too.
  const plain = text.normalize("NFKC");
  // First the SSNs: digits of one may go on from a card's, and both together may pass as another card.
  const masked = plain.replaceAll(ssn, "•••-••-$1").replaceAll(longRun, maskCards);
  return masked === plain ? { text, wasMasked: false } : { text: masked, wasMasked: true };
}

/** Masks each stretch of 13 to 19 digits that passes the check of card numbers, wherever in a longer run it stands. */
function maskCards(run: string): string {
  const places = [...run.matchAll(/\d/g)].map(({ index }) => index);
  const isBound = (at: number) => at === 0 || at === places.length || (places[at] ?? 0) - (places[at - 1] ?? 0) > 1;
  for (let from = 0; from + 13 <= places.length; from += 1) {
    if (!isBound(from)) continue;
    for (let length = Math.min(19, places.length - from); length >= 13; length -= 1) {
      const until = from + length;
      if (!isBound(until)) continue;
      const digits = places.slice(from, until).map((place) => Number(run[place]));
      if (!passesLuhn(digits)) continue;
      const [begin, end] = [places[from] ?? 0, (places[until - 1] ?? 0) + 1];
      return `${run.slice(0, begin)}•••• ${digits.slice(-4).join("")}${run.slice(end).replace(longRun, maskCards)}`;
    }
  }
  return run;
}

/** ISO/IEC 7812-1, annex B: every second digit from the right counts double, and all add up to a multiple of ten. */
function passesLuhn(digits: readonly number[]): boolean {
  const sum = digits.toReversed().reduce((total, digit, place) => {
    const counted = place % 2 ? digit * 2 : digit;
    return total + (counted > 9 ? counted - 9 : counted);
  }, 0);
  return sum % 10 === 0 && digits.some((digit) => digit !== 0);
}
