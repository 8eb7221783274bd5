import { sendInvitationAgain } from "../identity/invite.ts";
import { teamOf } from "../identity/team.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { Actor } from "../platform/audit.ts";
import { notFound } from "../platform/errors.ts";
import type { EnrolParts } from "./links.ts";
import { ownersLink } from "./queries.ts";

/**
 * Sends the owner of an approved practice another link to set the first password, for the one before may be lost or too
 * old; that one is dead.
 * @throws Refused 404 when there is none to send: it is not approved, or the owner has set a password
 */
export async function sendOwnerLink(parts: EnrolParts, actor: Actor, given: { id: string; by: Viewer }): Promise<void> {
  const link = await ownersLink(parts.db, given.id);
  if (!link) throw notFound();
  const { practice, invitationId } = link;
  const team = teamOf({ practice }, parts.program.name);
  await sendInvitationAgain(parts, actor, { viewer: given.by, team, id: invitationId });
}
