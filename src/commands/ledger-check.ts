import { checkBooks } from "../accounts/check-books.ts";
import { checkDeposits } from "../deposits/check-deposits.ts";
import { checkLedger } from "../ledger/check.ts";
import { withParts } from "./with-parts.ts";

await withParts(async ({ db }) => {
  const findings = [...(await checkLedger(db)), ...(await checkBooks(db)), ...(await checkDeposits(db))];
  for (const finding of findings) console.error(finding);
  console.log(findings.length ? `The books are wrong in ${findings.length} places.` : "The books balance.");
  return findings.length ? 1 : 0;
});
