import { expect, test } from "vitest";
import { wrongWith } from "../../src/resources/advertising-rules.ts";

const fromTheStart = "Interest is charged from the date of purchase if it is not paid in full within that time.";
const desdeElInicio = "Se cobran intereses desde la fecha de la compra si no se paga en su totalidad en ese plazo.";

test.each<[string[], "en" | "es"]>([
  [["No interest if paid in full within 12 months", fromTheStart], "en"],
  [[`NO INTEREST if paid in full within 6, 12 or 18 months. ${fromTheStart}`], "en"],
  [["If paid in full within 6 months, no interest.", fromTheStart], "en"],
  [["Sin intereses si se paga en su totalidad en 12 meses.", desdeElInicio], "es"],
  [["0% for 12 months, then 17.90% APR"], "en"],
  [["0% por 12 meses, después 17.90% de tasa anual (APR)"], "es"],
  [["Pay $109.10 a month: 11 payments, $1,200.00 in all."], "en"],
  [["Pague $109.10 al mes: 11 pagos, $1,200.00 en total."], "es"],
  [["Open Saturdays. We are interested in your smile."], "en"],
  [["Cleaning for $89"], "en"],
  [["Interest is $0.50 on each $100 of the account."], "en"],
  [["Pay 109.10 USD every 4 weeks: 11 payments, 1,200.00$ in all."], "en"],
  [["Ask about the payment, the interest and the amount of your account."], "en"],
  [["Monthly special: whitening for $99. No appointment needed."], "en"],
  [[], "en"],
])("%j may be printed", (words, language) => {
  expect(wrongWith(words, language)).toEqual([]);
});

const ifPaid = "if paid in full";
test.each<[string, RegExp]>([
  ["No interest for 12 months!", /if paid in full/],
  ["no\u00a0interest", /if paid in full/],
  ["N\u200bo in\u200bterest for 12 months", /if paid in full/],
  ["ＮＯ ＩＮＴＥＲＥＳＴ", /if paid in full/],
  ["no-interest financing", /if paid in full/],
  ["Interest‑free for a year", /if paid in full/],
  ["Pay no extra interest", /if paid in full/],
  ["zero interest", /if paid in full/],
  ["0% interest for 12 months", /if paid in full/],
  ["Pay without interest", /if paid in full/],
  ["Zero percent interest for 12 months", /if paid in full/],
  ["0 percent interest", /if paid in full/],
  ["0 interest", /if paid in full/],
  ["Never pay interest", /if paid in full/],
  ["You won’t be charged any interest", /if paid in full/],
  ["Interest? None!", /if paid in full/],
  ["Interest! None!", /if paid in full/],
  ["Interest! None at all", /if paid in full/],
  ["Interest? No!", /if paid in full/],
  ["Interest? $0!", /if paid in full/],
  ["US$0 interest", /if paid in full/],
  ["$0 interest", /if paid in full/],
  ["$ 0.00 in interest", /if paid in full/],
  ["Interest is $0", /if paid in full/],
  ["Your interest is $0.", /if paid in full/],
  [`No interest! Zero worries ${ifPaid} within 12 months.`, /right beside it/],
  ["Interest waived for a year", /if paid in full/],
  ["Skip the interest", /if paid in full/],
  ["Nо intеrest", /if paid in full/], // two of these letters are Cyrillic
  ["N0 ínterest", /if paid in full/],
  ["0 percent for 12 months", /what rate comes after/],
  ["Zero APR for a year", /what rate comes after/],
  ["12 months same as cash", /if paid in full/],
  [`No interest! Terms apply, ${ifPaid} and so on.`, /if paid in full/],
  [`No interest on ${"very ".repeat(20)}nice teeth ${ifPaid} within 12 months`, /if paid in full/],
  [`No interest ${ifPaid} within 12 months. Also no interest on crowns.`, /if paid in full/],
  [`No interest ${ifPaid}. ${fromTheStart}`, /how many months/],
  [`No interest ${ifPaid} within 12 months.`, /from the date of purchase/],
  ["0% for 12 months", /what rate comes after/],
  ["Only $99 a month", /total/],
  ["Only $99 a month for 12 months", /total/],
  ["Only $99/mo, $1,188 in all", /time/],
  ["Monthly payments of just $99", /total/],
  ["12 payments of $99", /total/],
  ["ninety? No: 99 dollars per month", /total/],
  ["$99 monthly", /total/],
  ["Monthly: $99", /total/],
  ["$99/mth", /total/],
  ["$99 bi-weekly", /total/],
  ["USD 99 per month", /total/],
  ["Only 99 dollars monthly", /total/],
  ["99$ a month", /total/],
  ["99 USD a month", /total/],
  ["$99 every 2 weeks", /total/],
  ["99.00 USD every other week", /total/],
  ["Every 2 months: $99", /total/],
  ["12 x $99", /total/],
  ["12 equal payments of $99", /total/],
  ["Everyone is approved", /promise/],
  ["Guaranteed approval", /promise/],
  ["Everybody gets approved", /promise/],
  ["You will be approved", /promise/],
  ["100% approval", /promise/],
  ["All credit accepted", /promise/],
  ["No credit check", /promise/],
])("“%s” may not be printed", (text, why) => {
  expect(wrongWith([text], "en").join(" ")).toMatch(why);
});

test.each<[string, RegExp]>([
  ["¡Sin intereses por 12 meses!", /si se paga en su totalidad/],
  ["sin interés", /si se paga en su totalidad/],
  ["sin ningún interés", /si se paga en su totalidad/],
  ["cero intereses", /si se paga en su totalidad/],
  ["0% de interés", /si se paga en su totalidad/],
  ["No pague intereses", /si se paga en su totalidad/],
  ["No le cobramos intereses", /si se paga en su totalidad/],
  ["Cero por ciento de interés", /si se paga en su totalidad/],
  ["Jamás pague intereses", /si se paga en su totalidad/],
  ["Sin cargos financieros", /si se paga en su totalidad/],
  ["Sin intereses si se paga en su totalidad en 12 meses.", /from the date of purchase/],
  ["¿Intereses? ¡Ninguno!", /si se paga en su totalidad/],
  ["¡Intereses! ¡Ninguno!", /si se paga en su totalidad/],
  ["¿Intereses? ¡ Cero !", /si se paga en su totalidad/],
  ["Solo $99 al mes", /total/],
  ["$99 cada 2 semanas", /total/],
  ["pagos mensuales de $99", /total/],
  ["12 cuotas de $99", /total/],
  ["Aprobación garantizada", /promise/],
  ["Todos son aprobados", /promise/],
])("“%s” no se puede imprimir", (text, why) => {
  expect(wrongWith([text], "es").join(" ")).toMatch(why);
});

test("words of another language are read too", () => {
  expect(wrongWith(["Sin intereses"], "en")).not.toEqual([]);
  expect(wrongWith(["No interest"], "es")).not.toEqual([]);
});
