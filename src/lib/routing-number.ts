/**
 * Whether nine digits are a bank's routing number: its first two lie in a range that is given out, and the weighted sum
 * of its digits (3, 7, 1) is a multiple of ten (ABA Key to Routing Numbers).
 */
export function isRoutingNumber(digits: string): boolean {
  if (!/^\d{9}$/.test(digits)) return false;
  const district = Number(digits.slice(0, 2));
  const givenOut = district <= 12 || (district >= 21 && district <= 32) || (district >= 61 && district <= 72);
  const sum = [...digits].reduce((total, digit, place) => total + Number(digit) * ([3, 7, 1][place % 3] ?? 0), 0);
  return district > 0 && (givenOut || district === 80) && sum % 10 === 0;
}
