import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";

/**
 * Forgets what getting in leaves behind and nobody needs any more: waiting second factors, codes and links of yesterday,
 * forms kept for a day, tries that count no longer. Log-ins and the audit log stay. Run daily; twice does no harm.
 */
export async function forgetOldLogIns({ db, clock }: { db: Db; clock: Clock }): Promise<void> {
  const yesterday = new Date(clock.now().getTime() - 24 * 3_600_000);
  await db("challenges").where("expires_at", "<", yesterday).delete();
  await db("address_codes").where("expires_at", "<", yesterday).delete();
  await db("password_resets").where("expires_at", "<", yesterday).delete();
  await db("code_sendings").where("at", "<", yesterday).delete();
  await db("kept_forms").where("kept_at", "<", yesterday).delete();
  // Their times are the database's. What is off stays off until support has checked the person.
  await db("log_in_failures")
    .where({ about: Buffer.alloc(0) })
    .whereRaw("first_at < now() - interval '1 day'")
    .delete();
  await db("log_in_failures")
    .where("in_all", "<", 100)
    .whereRaw("first_at < now() - interval '1 year' and coalesce(locked_until < now(), true)")
    .delete();
}
