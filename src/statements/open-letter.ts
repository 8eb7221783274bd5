import { tryBirthday } from "../identity/try-birthday.ts";
import type { IsoDate } from "../lib/dates.ts";
import { audit, portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Refused } from "../platform/errors.ts";
import { linkTokenHash } from "../platform/link-tokens.ts";

/** So long a letter's link works. */
const linkDays = 60;

/** The statement that a letter's link names; 404 when there is none, or the link is too old. */
export async function findLetter(
  { db, clock }: { db: Db; clock: Clock },
  token: string,
): Promise<{ accountId: string; number: number; triesLeft: number }> {
  const row = await db("statement_letters")
    .where({ token_hash: linkTokenHash(token) })
    .where("sent_at", ">", new Date(clock.now().getTime() - linkDays * 86_400_000))
    .first("account_id as accountId", "number", "tries_left as triesLeft");
  if (!row)
    throw new Refused(
      404,
      "This link no longer works. The newest statement has a link of its own. / Este enlace ya no funciona. El estado de cuenta más reciente tiene su propio enlace.",
    );
  return row;
}

/**
 * Opens the statement of a letter to whoever knows the patient's date of birth.
 * @throws Declined for another date; Refused 403 once five were wrong
 */
export async function openLetter(
  parts: { db: Db; clock: Clock },
  { token, bornOn, address }: { token: string; bornOn: IsoDate; address: string },
): Promise<void> {
  const { db, clock } = parts;
  const { accountId, number } = await findLetter(parts, token);
  const row = () => db("statement_letters").where({ account_id: accountId, number });
  const patient = db("accounts").where({ id: accountId }).select("patient_id");
  const at = clock.now();
  await tryBirthday({
    row,
    isRight: async () => Boolean(await db("patients").whereIn("id", patient).where({ born_on: bornOn }).first("id")),
    tell: (isRight) => {
      const action = isRight ? "statement opened by its link" : "statement not opened by its link";
      return audit(db, { ...portalItself, address }, { at, action, subjectId: accountId, details: { number } });
    },
    tooMany:
      "Too many wrong dates were entered for this link. Call us to see the statement. / Se escribieron demasiadas fechas incorrectas para este enlace. Llámenos para ver el estado de cuenta.",
  });
  await row().update({ opened_at: at });
}
