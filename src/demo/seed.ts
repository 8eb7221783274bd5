import { randomUUIDv7 } from "node:crypto";
import { factorNames } from "../identity/factors.ts";
import type { Parts } from "../parts.ts";
import type { Trx } from "../platform/db.ts";
import { withdrawMessages } from "../platform/messages.ts";
import { addEnrolment } from "./enrolment.ts";
import { makeHistory } from "./history.ts";
import { demoPeople, demoPractices, password, totpSecret } from "./people.ts";
import { addCertificates, addOrders } from "./resources.ts";

/** Fills an empty database with the demo people and their history, all or nothing; does nothing where people are. */
export async function seedDemo(parts: Parts, say: (line: string) => void = () => {}): Promise<void> {
  if (await parts.db("users").first("id")) return;
  say("Making the demo practices and their history");
  const passwordHash = await parts.passwords.hash(password);
  await parts.db.transaction(async (trx) => {
    await addPeople(trx, parts, passwordHash);
    await makeHistory({ ...parts, db: trx });
    await addCertificates(trx, parts.clock.today());
    await addEnrolment(trx, parts);
    await addOrders(trx, parts.clock.now());
    await withdrawMessages(trx, parts.clock.now());
  });
}

async function addPeople(trx: Trx, { clock, vault }: Parts, passwordHash: string): Promise<void> {
  const joinedAt = new Date(clock.now().getTime() - 600 * 86_400_000);
  const practices = new Map<string | null, { id: string; homeLocationId: string }>();

  for (const { key, locations, plans, timeZone, ...practice } of demoPractices) {
    const id = randomUUIDv7();
    await trx("practices").insert({ id, ...practice, time_zone: timeZone, joined_at: joinedAt });
    const rows = locations.map((location) => ({ id: randomUUIDv7(), practice_id: id, ...location }));
    await trx("locations").insert(rows);
    await trx("practice_plans").insert(plans.map((planId) => ({ practice_id: id, plan_id: planId })));
    practices.set(key, { id, homeLocationId: rows[0]?.id ?? "" });
  }

  for (const person of demoPeople) {
    const id = randomUUIDv7();
    const practice = practices.get(person.practice);
    await trx("users").insert({
      id,
      practice_id: practice?.id ?? null,
      home_location_id: practice?.homeLocationId ?? null,
      user_id: person.userId,
      name: person.name,
      role: person.role,
      phone: person.phone,
      email: `${person.userId}@example.com`,
      password_hash: passwordHash,
      created_at: clock.now(),
    });
    if (!person.factor) continue;
    const factorId = randomUUIDv7();
    const sealed = person.factor === "totp" ? vault.seal(totpSecret, factorId) : null;
    await trx("second_factors").insert({
      id: factorId,
      user_id: id,
      kind: person.factor,
      label: factorNames[person.factor],
      secret_sealed: sealed,
      added_at: joinedAt,
    });
  }
}
