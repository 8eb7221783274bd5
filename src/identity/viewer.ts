import type { NextFunction, Request, RequestHandler, Response } from "express";
import { isUnder } from "../lib/places.ts";
import type { Actor } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import { fromHere } from "../platform/csrf.ts";
import { type Db, only, prepared } from "../platform/db.ts";
import { Refused } from "../platform/errors.ts";
import { typedIn } from "../platform/forms.ts";
import type { Vault } from "../platform/secrets.ts";
import { type Beside, foundBeside } from "../platform/sessions.ts";
import { goTo } from "../platform/view.ts";
import { type FactorPolicy, mustAddFactorSql } from "./factor-policy.ts";
import { dropKeptForm, keepForm } from "./kept-forms.ts";
import { idleSince, type LogInLimits, openSince } from "./logins.ts";
import type { Look } from "./looks.ts";
import type { Role } from "./permissions.ts";
import { keptOutSql, suspendedSentence, suspensionOf } from "./suspensions.ts";
import { rememberReturnTo, whereFrom } from "./web-session.ts";

/** Who looks: every question takes one, so that another practice's rows are not found. */
export type Viewer = {
  id: string;
  loginId: string;
  name: string;
  userId: string;
  role: Role;
  practice: { id: string; name: string; timeZone: string; state: string; homeLocationId: string | null } | null;
  /** When the person last proved who they are, for what asks for a fresh proof. */
  confirmedAt: Date;
  /** The password was reset by e-mail and nothing stronger was shown since. */
  heldBack: boolean;
  /** Until when the log-in lasts if nothing is done. */
  endsAt: Date;
  /** A second factor has to be added before anything else. */
  mustAddFactor: boolean;
  /** The same person in the audit log, with where the request came from: verbs write it beside what they changed. */
  actor: Actor;
};

/** A viewer who works at a practice. */
export type PracticeViewer = Viewer & { practice: NonNullable<Viewer["practice"]> };

/**
 * Who reads the pages of accounts, and below which address: a practice its own, or support what a practice reads. The
 * questions are the same, and take the practice's viewer either way.
 */
export type Reader = {
  root: "" | "/console";
  guards: RequestHandler[];
  viewerOf: (res: Response) => PracticeViewer;
  /** Writes the look into the audit log, where no guard has done so. */
  tell?: (res: Response, accountId: string) => Promise<void>;
};

declare global {
  namespace Express {
    interface Locals {
      viewer: Viewer;
      actor: Actor;
      /** Support reads as this practice does; `look` is why, and makes every page say so. */
      readsAs?: PracticeViewer;
      look?: Look;
    }
  }
}

type ViewerParts = { db: Db; clock: Clock; policy: FactorPolicy; limits: LogInLimits };

/**
 * Middleware: finds the viewer of this browser's log-in, if it is still on. The `logins` row alone decides. A page that
 * asks by itself (`?waiting`) does not keep the log-in alive.
 */
export function knowViewer(parts: ViewerParts, question: Beside) {
  const { db, clock, limits } = parts;
  const endsAt = (beganAt: Date, seenAt: Date) =>
    new Date(
      Math.min(seenAt.getTime() + limits.idleMinutes * 60_000, beganAt.getTime() + limits.sessionHours * 3_600_000),
    );
  return async (req: Request, res: Response, next: NextFunction) => {
    // express-session passes on without one while its store is away.
    if (!req.session)
      throw new Refused(503, "You cannot be recognised at the moment. Wait a moment, then try again.", 5);
    const { loginId } = req.session;
    const found = loginId && (await findViewer(db, question, req.session));
    const { id: userId = null, practice = null } = found || {};
    const actor = { userId, practiceId: practice?.id ?? null, ...whereFrom(req) };
    if (found) {
      const { seenAt, beganAt, confirmedAt, ...person } = found;
      const [now, seen] = [clock.now(), new Date(seenAt)];
      const asksByItself = "waiting" in req.query;
      // At most once a minute: pages would else write a row each.
      const isSeenNow = !asksByItself && seen.getTime() < now.getTime() - 60_000;
      if (isSeenNow) await db("logins").where({ id: loginId }).update({ seen_at: now });
      res.locals.viewer = {
        ...person,
        loginId,
        actor,
        confirmedAt: new Date(confirmedAt),
        endsAt: endsAt(new Date(beganAt), isSeenNow ? now : seen),
      };
    }
    res.locals.actor = actor;
    next();
  };
}

/** A row of the viewer's question, as JSON: the same whether it came with the session or was asked for. */
type Row = {
  id: string;
  name: string;
  userId: string;
  role: Role;
  practice: Viewer["practice"];
  confirmedAt: string;
  seenAt: string;
  beganAt: string;
  heldBack: boolean;
  mustAddFactor: boolean;
};

/** Whose log-in a session says that it is, if it is on and they are not kept out; asked at every request. */
export function viewerQuestion({ clock, policy, limits }: ViewerParts): Beside {
  const sql = `
    select json_build_object('id', u.id, 'name', u.name, 'userId', u.user_id, 'role', u.role, 'confirmedAt', l.confirmed_at,
      'seenAt', l.seen_at, 'beganAt', l.began_at, 'heldBack', u.reset_by_mail_at is not null,
      'mustAddFactor', ${mustAddFactorSql(policy)},
      'practice', case when p.id is not null then json_build_object('id', p.id, 'name', p.name, 'timeZone', p.time_zone,
        'state', p.state, 'homeLocationId', u.home_location_id) end)
    from logins l join users u on u.id = l.user_id left join practices p on p.id = u.practice_id
    where l.id = (s.data ->> 'loginId')::uuid and l.ended_at is null and l.seen_at > $1 and l.began_at > $2
      and not ${keptOutSql()}`;
  return { sql, values: () => [idleSince(clock.now(), limits), openSince(clock.now(), limits)] };
}

/** The viewer as found beside the session; asked for now where the session's store cannot. */
async function findViewer(db: Db, question: Beside, session: Request["session"]): Promise<Row | null> {
  const found = foundBeside(session);
  if (found !== undefined || !session.loginId) return found as Row | null;
  const text = `select (${question.sql}) as viewer from (select $3::jsonb as data) s`;
  const values = [...question.values(), JSON.stringify({ loginId: session.loginId })];
  return only(await prepared<{ viewer: Row | null }>(db, { name: "viewer", text }, values)).viewer;
}

/** The viewer of a route that only people of a practice may use. */
export function practiceViewer(res: Response): PracticeViewer {
  const { viewer } = res.locals;
  if (!viewer.practice) throw new Error("This route's permission belongs to practices alone");
  return viewer as PracticeViewer;
}

/**
 * Middleware: everything needs a log-in except the listed paths; afterwards the person comes back to the page, and a
 * form that came too late is kept for them. Who must add a second factor can do that and nothing else.
 */
export function requireLogIn(
  parts: LateParts & { program: { phone: string }; secure: boolean },
  publicPaths: readonly string[],
  insidePaths: readonly string[] = [],
) {
  return async (req: Request, res: Response, next: NextFunction) => {
    if (asksFor(req, publicPaths) && !asksFor(req, insidePaths)) return next();
    const { viewer } = res.locals;
    const { keptFormId } = req.session;
    if (viewer && keptFormId && typedIn(req.body)._kept === keptFormId) {
      await dropKeptForm(parts.db, viewer, keptFormId);
      delete req.session.keptFormId;
    }
    if (viewer && (!viewer.mustAddFactor || asksFor(req, ["/settings/factors", "/confirm", "/logout"]))) return next();
    const to = viewer ? "/settings/factors" : "/login";
    if (!viewer && req.session.loginId) {
      const told = await whySuspended(parts, req.session.loginId);
      if (told) res.locals.tellNext(told);
    }
    if (!viewer && req.method === "GET" && req.path !== "/") rememberReturnTo(req, res, parts);
    if (!viewer && req.method === "POST") await keepLateForm(parts, req);
    if (req.get("hx-request") === "true") return void res.status(401).set("HX-Redirect", to).end();
    res.redirect(303, to);
  };
}

/** What a browser whose log-in a suspension ended is told; it knows that there was a person. */
async function whySuspended(
  { db, program }: { db: Db; program: { phone: string } },
  loginId: string,
): Promise<string | undefined> {
  const login = await db("logins").where({ id: loginId }).first("user_id");
  const suspension = login && (await suspensionOf(db, login.user_id));
  return suspension && `You were logged out. ${suspendedSentence(suspension, program)}`;
}

export type LateParts = { db: Db; clock: Clock; vault: Vault; publicUrl: string };

/**
 * Keeps a form that could not be taken when it came, for the person whose log-in this browser holds or held. Returns its
 * id, or undefined when there is nobody to keep it for, or it came from elsewhere.
 */
export async function keepLateForm(parts: LateParts, req: Request): Promise<string | undefined> {
  const { loginId } = req.session;
  if (!loginId || !isOurForm(parts, req)) return undefined;
  const keptFormId = await keepForm(parts, { loginId, path: req.path, fields: typedIn(req.body) });
  if (!keptFormId) return undefined;
  req.session.keptFormId = keptFormId;
  return keptFormId;
}

/**
 * Answers a form with the token of an earlier log-in, as one has after logging in again in another tab: nothing of it is
 * done, and it is offered to be sent again. False where nobody is logged in, or the token was never this person's.
 */
export function offerStaleFormAgain(parts: LateParts) {
  return async (req: Request, res: Response, madeFor: (loginId: string) => boolean): Promise<boolean> => {
    if (!res.locals.viewer) return false;
    if (req.path === "/login" && madeFor("")) {
      goTo(res, "/"); // a second press, or a second tab: they are in already
      return true;
    }
    const theirs = parts.db("logins").where({ user_id: res.locals.viewer.id }).orderBy("began_at", "desc").limit(20);
    const logins: string[] = await theirs.pluck("id");
    if (!logins.some(madeFor) || !(await keepLateForm(parts, req))) return false;
    goTo(res, "/login/continue");
    return true;
  };
}

/** Whether a form comes from a page of ours, as far as the browser says, and goes to an address of ours. */
export function isOurForm({ publicUrl }: { publicUrl: string }, req: Request): boolean {
  return fromHere(req, new URL(publicUrl).origin) && /^\/(?![/\\])/.test(req.path);
}

/** Whether a request asks for one of these places, or for a page below. */
export const asksFor = (req: Request, places: readonly string[]): boolean =>
  places.some((place) => isUnder(req.path, place));

/** Middleware: asks for the second factor again (or the password) when it was shown more than five minutes ago. */
export function freshlyProved(clock: Clock) {
  return (req: Request, res: Response, next: NextFunction) => {
    if (res.locals.viewer.confirmedAt > new Date(clock.now().getTime() - 5 * 60_000)) return next();
    req.session.confirmFor =
      req.method === "GET"
        ? req.originalUrl
        : (URL.parse(req.get("referer") ?? "", "http://portal")?.pathname ?? "/settings");
    res.redirect(303, "/confirm");
  };
}

/**
 * After a password reset by e-mail alone, what would hurt most waits for stronger proof.
 * @throws Refused with what to do
 */
export function refuseHeldBack({ heldBack }: Viewer): void {
  if (!heldBack) return;
  throw new Refused(
    403,
    "Your password was reset by e-mail. For this, log in with the authenticator app, passkey or text message that you had before; or call support, who check who you are.",
  );
}
