import type { Db } from "./db.ts";

/** What must hold, and the question for the rows that contradict it. */
export type Proof = { claim: string; sql: string };

/** One thing that is wrong, in words. */
export type Finding = string;

/** So many rows against one claim are told; of books that are wrong from top to bottom nobody reads a million. */
const mostRows = 20;

/** Proves claims, each by its own question: a line for each row that contradicts one, and one for all beyond the first few. */
export async function prove(db: Db, proofs: readonly Proof[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { claim, sql } of proofs) {
    const { rows } = await db.raw<{ rows: { row: object; found: number }[] }>(
      `select row_to_json(wrong) as row, count(*) over ()::int as found from (${sql}) wrong limit ${mostRows}`,
    );
    for (const { row } of rows) findings.push(`It is not so that ${claim}: ${JSON.stringify(row)}`);
    const more = (rows[0]?.found ?? 0) - rows.length;
    if (more > 0) findings.push(`It is not so that ${claim}: and so in ${more} more places`);
  }
  return findings;
}
