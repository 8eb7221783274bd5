import type { Trx } from "../platform/db.ts";
import { Declined, Refused } from "../platform/errors.ts";
import type { Role } from "./permissions.ts";
import type { Viewer } from "./viewer.ts";

/** Whom one may invite and change: an owner the people of the practice, an administrator the program's staff. */
export type Team = {
  practiceId: string | null;
  name: string;
  roles: readonly Role[];
  /** The role that there is always somebody with. */
  head: Role;
  /** Held by whatever counts the team's people, so that two acts at once are one after the other. */
  lock(trx: Trx): Promise<void>;
};

/** The team that a viewer looks after. */
export function teamOf(viewer: { practice: { id: string; name: string } | null }, programName: string): Team {
  const { practice } = viewer;
  const lock = async (trx: Trx) => {
    await trx.raw("select pg_advisory_xact_lock(hashtextextended(?, 0))", [`team ${practice?.id ?? "of the program"}`]);
  };
  if (!practice) {
    const roles = ["support", "administrator"] as const;
    return { practiceId: null, name: programName, roles, head: "administrator", lock };
  }
  return { practiceId: practice.id, name: practice.name, roles: ["clerk", "biller", "owner"], head: "owner", lock };
}

/**
 * Holds the team, and refuses when whoever acts is not at its head any more, or there would be nobody left there.
 * @param change.who stops being at its head by what comes next
 */
export async function lockForChange(
  trx: Trx,
  team: Team,
  change: { by: Viewer; who: string; leavesHead: boolean },
): Promise<void> {
  await team.lock(trx);
  const heads: { id: string }[] = await trx("users")
    .where({ practice_id: team.practiceId, role: team.head })
    .whereNull("removed_at")
    .select("id");
  if (!heads.some(({ id }) => id === change.by.id)) {
    throw new Refused(403, "Your role was changed in the meantime. Ask whoever changed it.");
  }
  if (change.leavesHead && !heads.some(({ id }) => id !== change.who)) {
    throw new Declined({ form: `Somebody has to remain ${team.head === "owner" ? "an owner" : "an administrator"}.` });
  }
}
