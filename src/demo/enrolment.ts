import { randomUUIDv7 } from "node:crypto";
import * as fill from "../enrolment/fill-in.ts";
import { sendEnrollment } from "../enrolment/send-enrollment.ts";
import { agreement } from "../enrolment/steps.ts";
import { invite } from "../identity/invite.ts";
import { teamOf } from "../identity/team.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { Parts } from "../parts.ts";
import { portalItself } from "../platform/audit.ts";
import type { Trx } from "../platform/db.ts";
import { keepDepositAccount } from "../practices/deposit-account.ts";

const owner = { name: "Elena Marsh", mobile: "2025550121", email: "elena.marsh@example.com" };

/** A practice that has registered and waits for review, somebody invited to Riverside Dental, and where deposits go. */
export async function addEnrolment(trx: Trx, parts: Parts): Promise<void> {
  const { config, clock, vault } = parts;
  const enrol = { ...parts, db: trx, program: config.program, publicUrl: config.publicUrl };
  const id = randomUUIDv7();
  await fill.beginEnrollment(enrol, { id, email: owner.email, address: "127.0.0.1" });
  const names = { legalName: "Marsh Orthodontics PLLC", knownAs: "Marsh Orthodontics", phone: "7375550160" };
  await fill.keepTyped(enrol, id, "practice", names);
  await fill.keepTyped(enrol, id, "care", { specialty: "Orthodontics", state: "TX", timeZone: "" });
  await fill.keepTaxId(enrol, id, "742918365");
  await fill.keepDepositAccount(enrol, id, {
    holder: "Marsh Orthodontics PLLC",
    kind: "checking",
    routingNumber: "111000025",
    accountNumber: "004418826015",
    accountAgain: "004418826015",
  });
  await fill.keepLocation(enrol, id, {
    id: randomUUIDv7(),
    name: "Marsh Orthodontics",
    street: "1900 Barton Springs Rd",
    city: "Austin",
    state: "TX",
    zip: "78704",
    phone: "7375550160",
  });
  await fill.keepTyped(enrol, id, "owner", owner);
  const boxes = Object.fromEntries(agreement.boxes.map(({ name }) => [name, "yes"]));
  await sendEnrollment(enrol, portalItself, id, { ...boxes, signature: owner.name });

  const ruth = await trx("users").where({ user_id: "riverside.owner" }).first("id", "name", "role", "practice_id");
  const practice = await trx("practices").where({ id: ruth.practice_id }).first("id", "name");
  const viewer = { ...ruth, practice } as Viewer;
  const invited = { name: "Nico Alba", email: "nico.alba@example.com", role: "clerk", locationId: null } as const;
  const team = teamOf(viewer, config.program.name);
  await invite(enrol, portalItself, { viewer, team, invited: { id: randomUUIDv7(), ...invited } });

  for (const { id: practiceId, name } of await trx("practices").select("id", "name")) {
    await keepDepositAccount(
      trx,
      { vault, at: clock.now() },
      {
        practiceId,
        account: { holder: name, kind: "checking", routingNumber: "111000025", accountNumber: "000481516230" },
      },
    );
  }
}
