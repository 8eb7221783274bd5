import { randomUUIDv7 } from "node:crypto";
import { type Actor, audit, type Where } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { sendMessage } from "../platform/messages.ts";
import { callOffReset } from "./call-off-reset.ts";

export type ProvedBy = "password" | "email" | "sms" | "totp" | "passkey" | "recovery code";

/** Idle that long, or open that long in all, a log-in ends by itself: 15 minutes and 12 hours (PCI DSS 8.2.8; OWASP). */
export type LogInLimits = { idleMinutes: number; sessionHours: number };

type Person = { id: string; practice_id: string | null; user_id: string; email: string };

/**
 * Begins a log-in: the row that says who is in, since when, from where and how it was proved. A browser that this
 * person was not seen with before is told of by e-mail. Proof stronger than e-mail ends what a reset had held back.
 */
export async function beginLogin(
  trx: Trx,
  { clock, program }: { clock: Clock; program: { name: string; phone?: string } },
  given: { user: Person; provedBy: ProvedBy; provedSince?: Date } & Where,
): Promise<string> {
  const { user, provedBy, provedSince, address, browser = "", requestId } = given;
  const id = randomUUIDv7();
  const now = clock.now();
  const before = await trx("logins")
    .where({ user_id: user.id })
    .orderBy("began_at", "desc")
    .limit(50)
    .select("browser");
  const at = { began_at: now, seen_at: now, confirmed_at: now };
  await trx("logins").insert({ id, user_id: user.id, ...at, proved_by: provedBy, address, browser });
  if (provedSince && provedBy !== "email") await liftHold(trx, user.id, provedSince);
  const actor = { userId: user.id, practiceId: user.practice_id, address, browser, requestId };
  await audit(trx, actor, { at: now, action: "logged in", subjectId: user.id, details: { provedBy } });
  if (provedBy !== "password") {
    const because = "you logged in with a second factor";
    await callOffReset(trx, { now, program }, actor, { personId: user.id, because });
  }
  if (before.length && !before.some((login) => login.browser === browser)) {
    const text = `Somebody logged in to ${program.name} as ${user.user_id} with a browser that we had not seen with you before: ${browserName(browser)}. If that was you, nothing needs doing. If not, change your password and call us${program.phone ? ` at ${program.phone}` : ""}.`;
    await sendMessage(trx, now, {
      channel: "email",
      to: user.email,
      subject: `New browser at your ${program.name} log-in`,
      text,
    });
  }
  return id;
}

/** Proof stronger than e-mail ends the hold after a reset, if the person had it before: whoever reset may have added it since. */
export async function liftHold(trx: Trx, userId: string, provedSince: Date): Promise<void> {
  await trx("users")
    .where({ id: userId })
    .where("reset_by_mail_at", ">", provedSince)
    .update({ reset_by_mail_at: null });
}

/** Ends one log-in of the actor's. A request that is still under way cannot bring it back, for this row decides. */
export async function logOut({ db, clock }: { db: Db; clock: Clock }, actor: Actor, loginId: string): Promise<void> {
  await endLogins(db, clock, actor, {
    because: "logged out",
    of: (logins) => logins.where({ id: loginId, user_id: actor.userId }),
  });
}

/** Ends every log-in of a person, at once and on every node. */
export async function logOutEverywhere(
  db: Db,
  clock: Clock,
  actor: Actor,
  person: { id: string; because: string },
): Promise<number> {
  return endLogins(db, clock, actor, { because: person.because, of: (logins) => logins.where({ user_id: person.id }) });
}

async function endLogins(
  db: Db,
  clock: Clock,
  actor: Actor,
  which: { because: string; of: (logins: ReturnType<Db>) => ReturnType<Db> },
): Promise<number> {
  const ended: { user_id: string }[] = await which
    .of(db("logins"))
    .whereNull("ended_at")
    .update({ ended_at: clock.now(), ended_because: which.because })
    .returning("user_id");
  const [first] = ended;
  if (first) {
    const details = { because: which.because, logins: ended.length };
    await audit(db, actor, { at: clock.now(), action: "logged out", subjectId: first.user_id, details });
  }
  return ended.length;
}

export type Login = {
  id: string;
  beganAt: Date;
  seenAt: Date;
  provedBy: ProvedBy;
  address: string;
  browser: string;
  open: boolean;
};

/** A person's log-ins, newest first, and whether each is still open. */
export async function loginsOf(
  { db, clock, program }: { db: Db; clock: Clock; program: LogInLimits },
  userId: string,
  most = 20,
): Promise<Login[]> {
  const now = clock.now();
  const rows = await db("logins").where({ user_id: userId }).orderBy("began_at", "desc").limit(most);
  return rows.map((row) => ({
    id: row.id,
    beganAt: row.began_at,
    seenAt: row.seen_at,
    provedBy: row.proved_by,
    address: row.address,
    browser: browserName(row.browser),
    open: !row.ended_at && row.seen_at > idleSince(now, program) && row.began_at > openSince(now, program),
  }));
}

/** When a log-in that still lasts was seen last, at the earliest. */
/** Which of these log-ins are still on. */
export async function loginsThatAreOn(
  { db, clock, limits }: { db: Db; clock: Clock; limits: LogInLimits },
  ids: string[],
): Promise<Set<string>> {
  const now = clock.now();
  const on: string[] = await db("logins")
    .whereIn("id", ids)
    .whereNull("ended_at")
    .where("seen_at", ">", idleSince(now, limits))
    .where("began_at", ">", openSince(now, limits))
    .pluck("id");
  return new Set(on);
}

export const idleSince = (now: Date, { idleMinutes }: LogInLimits) => new Date(now.getTime() - idleMinutes * 60_000);
/** When a log-in that still lasts began, at the earliest. */
export const openSince = (now: Date, { sessionHours }: LogInLimits) =>
  new Date(now.getTime() - sessionHours * 3_600_000);

/** "Firefox on Windows": enough for a person to know their own browser again. */
export function browserName(agent: string): string {
  const browsers: [RegExp, string][] = [
    [/Edg\//, "Edge"],
    [/OPR\//, "Opera"],
    [/Firefox\//, "Firefox"],
    [/Chrome\//, "Chrome"],
    [/Safari\//, "Safari"],
    [/Lynx/, "Lynx"],
    [/w3m/, "w3m"],
  ];
  const systems: [RegExp, string][] = [
    [/Windows/, "Windows"],
    [/iPhone|iPad/, "iOS"],
    [/Mac OS X/, "macOS"],
    [/Android/, "Android"],
    [/CrOS/, "ChromeOS"],
    [/Linux/, "Linux"],
  ];
  const named = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = named(browsers) ?? "A browser";
  const system = named(systems);
  return system ? `${browser} on ${system}` : browser;
}
