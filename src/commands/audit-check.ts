import { checkAudit } from "../platform/check-audit.ts";
import { withParts } from "./with-parts.ts";

await withParts(async (parts) => {
  const { lines, waiting, findings } = await checkAudit(parts);
  for (const finding of findings) console.error(finding);
  const whole = `The audit log is whole: ${lines} lines in a chain, ${waiting} wait for their seal.`;
  console.log(findings.length ? `The audit log was tampered with in ${findings.length} places.` : whole);
  return findings.length ? 1 : 0;
});
