import { checkBooks } from "../accounts/check-books.ts";
import { checkDeposits } from "../deposits/check-deposits.ts";
import { checkLedger } from "../ledger/check.ts";
import { checkDays } from "../reports/check-days.ts";
import { withParts } from "./with-parts.ts";

await withParts(async ({ db }) => {
  const checks = [checkLedger, checkBooks, checkDeposits, checkDays];
  const findings = (await Promise.all(checks.map((check) => check(db)))).flat();
  for (const finding of findings) console.error(finding);
  console.log(findings.length ? "The books are wrong." : "The books balance.");
  return findings.length ? 1 : 0;
});
