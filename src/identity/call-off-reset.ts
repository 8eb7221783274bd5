import { type Actor, audit } from "../platform/audit.ts";
import type { Trx } from "../platform/db.ts";
import { sendMessage } from "../platform/messages.ts";

/** Calls off a reset of second factors that waits for this person, if one does: whoever still has a factor needs none. */
export async function callOffReset(
  trx: Trx,
  { now, program }: { now: Date; program: { name: string } },
  actor: Actor,
  given: { personId: string; because: string },
): Promise<boolean> {
  const [reset] = await trx("factor_resets")
    .where({ user_id: given.personId })
    .whereNull("done_at")
    .whereNull("called_off_at")
    .update({ called_off_at: now, called_off_because: given.because })
    .returning("id");
  if (!reset) return false;
  const details = { because: given.because };
  await audit(trx, actor, { at: now, action: "factor reset called off", subjectId: given.personId, details });
  const { email, user_id } = await trx("users").where({ id: given.personId }).first("email", "user_id");
  const text = `The reset of the second factors of your ${program.name} User ID ${user_id} was called off: ${given.because}. They stay as they are.`;
  await sendMessage(trx, now, { channel: "email", to: email, subject: "The reset was called off", text });
  return true;
}
