import { randomUUIDv7 } from "node:crypto";
import type { Viewer } from "../identity/viewer.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import type { Stage } from "./queries.ts";

type Parts = { db: Db; clock: Clock };

/**
 * Tells everybody of something that does not work, with a first update. The same form again tells it once.
 * @param given.id the key of the form
 */
export async function reportIncident(
  { db, clock }: Parts,
  viewer: Viewer,
  given: { id: string; title: string; parts: string[]; stage: Stage; body: string },
): Promise<void> {
  const { id, title, parts, stage, body } = given;
  const at = clock.now();
  await db.transaction(async (trx) => {
    const made = await trx("incidents")
      .insert({ id, title, parts, began_at: at, resolved_at: stage === "resolved" ? at : null })
      .onConflict("id")
      .ignore()
      .returning("id");
    if (!made.length) return;
    const update = { id: randomUUIDv7(), incident_id: id, at, stage, body, written_by: viewer.id };
    await trx("incident_updates").insert(update);
    await audit(trx, viewer.actor, { at, action: "incident reported", subjectId: id, details: { stage } });
  });
}

/**
 * Adds an update to an incident; "resolved" ends it. The same form again adds one.
 * @param given.id the key of the form
 * @throws Declined when the incident is over; not found when there is none
 */
export async function updateIncident(
  { db, clock }: Parts,
  viewer: Viewer,
  given: { id: string; incidentId: string; stage: Stage; body: string },
): Promise<void> {
  const { id, incidentId, stage, body } = given;
  const at = clock.now();
  await db.transaction(async (trx) => {
    const incident = await trx("incidents").where({ id: incidentId }).forUpdate().first();
    if (!incident) throw notFound();
    if (await trx("incident_updates").where({ id, incident_id: incidentId }).first("id")) return;
    if (incident.resolved_at)
      throw new Declined({ form: "This incident was resolved meanwhile. If it is back, report a new one." });

    // After this line it must succeed.
    await trx("incident_updates").insert({ id, incident_id: incidentId, at, stage, body, written_by: viewer.id });
    if (stage === "resolved") await trx("incidents").where({ id: incidentId }).update({ resolved_at: at });
    await audit(trx, viewer.actor, { at, action: "incident updated", subjectId: incidentId, details: { stage } });
  });
}
