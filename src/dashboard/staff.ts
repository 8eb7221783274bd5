import { roleMay } from "../identity/permissions.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { Db } from "../platform/db.ts";

/** What waits for the program's people; null where the viewer's role has nothing to do with it. */
export type StaffDay = {
  chats: number;
  cases: number;
  ownCases: number;
  /** Those whose patients are waited for. */
  applications: number;
  enrollments: number | null;
  orders: number | null;
  /** Second factors that are to be taken away: a second person may look at it meanwhile. */
  resets: { personId: string; name: string; userId: string; dueAt: Date; isOwn: boolean }[];
};

/** The figures that support's and an administrator's day begins with. */
export async function staffDay(db: Db, viewer: Viewer): Promise<StaffDay> {
  const [counted, resets] = await Promise.all([
    db.raw(
      `select (select count(*) from chats where ended_at is null and agent_id is null)::int as chats,
         (select count(*) from support_cases where closed_at is null and waits_for = 'support')::int as cases,
         (select count(*) from support_cases where closed_at is null and agent_id = :viewer)::int as "ownCases",
         (select count(*) from applications where outcome in ('pending', 'approved') and lapses_on is not null)::int as applications,
         (select count(*) from enrollments where state = 'waiting')::int as enrollments,
         (select count(*) from material_orders where status in ('ordered', 'printed'))::int as orders`,
      { viewer: viewer.id },
    ),
    db("factor_resets as r")
      .join("users as u", "u.id", "r.user_id")
      .whereNull("r.done_at")
      .whereNull("r.called_off_at")
      .orderBy("r.due_at")
      .select(
        "u.id as personId",
        "u.name",
        "u.user_id as userId",
        "r.due_at as dueAt",
        db.raw(`r.asked_by = ? as "isOwn"`, [viewer.id]),
      ),
  ]);
  const { enrollments, orders, ...figures } = counted.rows[0];
  return {
    ...figures,
    resets,
    enrollments: roleMay(viewer.role, "review enrollments") ? enrollments : null,
    orders: roleMay(viewer.role, "handle orders") ? orders : null,
  };
}
