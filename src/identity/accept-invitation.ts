import { randomUUIDv7 } from "node:crypto";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { linkTokenHash } from "../platform/link-tokens.ts";
import { sendMessage } from "../platform/messages.ts";
import { plainWords } from "./invite.ts";
import { normalUserId } from "./log-in.ts";
import { checkPassword } from "./password-rules.ts";
import type { Passwords } from "./passwords.ts";
import type { Role } from "./permissions.ts";

export type AcceptParts = { db: Db; clock: Clock; passwords: Passwords; program: { name: string; phone: string } };

export type OpenInvitation = {
  id: string;
  practiceId: string | null;
  practiceName: string | null;
  name: string;
  email: string;
  role: Role;
  /** Of whoever has one already, and only sets a password. */
  userId: string | null;
};

/** The invitation of a link, as long as it works. Opening it consumes nothing, for mail scanners open links too. */
export async function findInvitation({ db, clock }: AcceptParts, token: string): Promise<OpenInvitation | null> {
  const found = await db("invitations as i")
    .leftJoin("practices as p", "p.id", "i.practice_id")
    .leftJoin("users as u", "u.id", "i.person_id")
    .where("i.token_hash", linkTokenHash(token))
    .whereNull("i.accepted_at")
    .whereNull("i.withdrawn_at")
    .whereNull("u.removed_at")
    .where("i.expires_at", ">", clock.now())
    .first(
      "i.id",
      "i.practice_id as practiceId",
      "p.name as practiceName",
      "i.name",
      "i.email",
      "i.role",
      "u.user_id as userId",
    );
  return found ?? null;
}

/** A User ID that a person may want: of the first letter and the last name, and the practice's first word where taken. */
export async function suggestUserId({ db }: AcceptParts, { name, practiceName }: OpenInvitation): Promise<string> {
  const words = plainWords(name);
  const last = words.at(-1) ?? "me";
  const short = words.length > 1 ? `${words[0]?.charAt(0)}.${last}` : last;
  const team = plainWords(practiceName ?? "program")[0] ?? "team";
  const wanted = [short, `${words[0]}.${last}`, `${team}.${last}`, `${team}.${words.join(".")}`].filter(isUserId);
  const taken = await db("users").whereIn("user_id", wanted).select("user_id");
  return wanted.find((one) => !taken.some(({ user_id }) => user_id === one)) ?? "";
}

const isUserId = (text: string) => /^[a-z0-9](?:[a-z0-9._-]{2,38})[a-z0-9]$/.test(text);

const deadLink = "This link was used, withdrawn or is too old. Ask for a new one.";

/**
 * Accepts an invitation: a new person with the User ID they choose, or the first password of one who has one. It
 * succeeds once, however often and whenever the button is pressed. Nobody is logged in by it.
 * @returns the User ID to log in with
 * @throws Declined when the link is dead, the User ID is taken or the password may not be
 */
export async function acceptInvitation(
  parts: AcceptParts,
  given: { token: string; userId: string; phone: string; newPassword: string; address: string },
): Promise<string> {
  const { db, clock } = parts;
  const invitation = await findInvitation(parts, given.token);
  if (!invitation) throw new Declined({ form: deadLink });
  const userId = invitation.userId ?? normalUserId(given.userId);
  if (!invitation.userId && !isUserId(userId)) {
    throw new Declined({ userId: "Use 4 to 40 letters, digits, dots, dashes or underscores, like d.whitley" });
  }
  checkPassword(given.newPassword, { userId, practiceName: invitation.practiceName });
  const passwordHash = await parts.passwords.hash(given.newPassword);

  await db.transaction(async (trx) => {
    const now = clock.now();
    const taken = await trx("invitations")
      .where({ id: invitation.id, token_hash: linkTokenHash(given.token) })
      .whereNull("accepted_at")
      .whereNull("withdrawn_at")
      .where("expires_at", ">", now)
      .update({ accepted_at: now })
      .returning(["home_location_id", "person_id"]);
    if (!taken.length) throw new Declined({ form: deadLink });
    const [{ home_location_id, person_id }] = taken;
    const id = person_id ?? randomUUIDv7();
    if (person_id) {
      await trx("users").where({ id }).update({ password_hash: passwordHash });
    } else {
      const { practiceId, name, email, role } = invitation;
      const [made] = await trx("users")
        .insert({
          id,
          practice_id: practiceId,
          home_location_id,
          user_id: userId,
          name,
          email,
          role,
          phone: given.phone,
          password_hash: passwordHash,
          created_at: now,
        })
        .onConflict("user_id")
        .ignore()
        .returning("id");
      if (!made) throw new Declined({ userId: "That User ID is taken. Choose another one." });
      await trx("invitations").where({ id: invitation.id }).update({ person_id: id });
    }
    const actor = { userId: id, practiceId: invitation.practiceId, address: given.address, requestId: null };
    await audit(trx, actor, { at: now, action: "invitation accepted", subjectId: invitation.id });
    await tellAccepted(trx, parts, { ...invitation, userId });
  });
  return userId;
}

async function tellAccepted(
  db: Db,
  { clock, program }: AcceptParts,
  { email, userId }: { email: string; userId: string },
) {
  const text = `The password of the ${program.name} User ID ${userId} is set. If that was not you, call us at once: ${program.phone}.`;
  const subject = `Your ${program.name} log-in is ready`;
  await sendMessage(db, clock.now(), { channel: "email", to: email, subject, text });
}
