import type { NextFunction, Request, Response } from "express";
import type { Actor } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import type { Role } from "./permissions.ts";

/** Who looks: every question takes one, so that another practice's rows are not found. */
export type Viewer = {
  id: string;
  loginId: string;
  name: string;
  userId: string;
  role: Role;
  practice: { id: string; name: string; timeZone: string; state: string; homeLocationId: string | null } | null;
};

/** A viewer who works at a practice. */
export type PracticeViewer = Viewer & { practice: NonNullable<Viewer["practice"]> };

declare global {
  namespace Express {
    interface Locals {
      viewer: Viewer;
      actor: Actor;
    }
  }
}

const absoluteHours = 12;

/** Middleware: finds the viewer of this browser's log-in, if it is still on. The `logins` row alone decides. */
export function knowViewer({ db, clock }: { db: Db; clock: Clock }) {
  return async (req: Request, res: Response, next: NextFunction) => {
    const { loginId } = req.session;
    const viewer = loginId ? await findViewer(db, loginId, clock.now()) : undefined;
    if (viewer) res.locals.viewer = viewer;
    res.locals.actor = {
      userId: viewer?.id ?? null,
      practiceId: viewer?.practice?.id ?? null,
      address: req.ip ?? "",
      requestId: res.locals.requestId,
    };
    next();
  };
}

async function findViewer(db: Db, loginId: string, now: Date): Promise<Viewer | undefined> {
  const row = await db("logins as l")
    .join("users as u", "u.id", "l.user_id")
    .leftJoin("practices as p", "p.id", "u.practice_id")
    .where("l.id", loginId)
    .whereNull("l.ended_at")
    .where("l.began_at", ">", new Date(now.getTime() - absoluteHours * 3_600_000))
    .first(
      "u.id",
      "u.name",
      "u.user_id",
      "u.role",
      "u.home_location_id",
      "p.id as practice_id",
      "p.name as practice_name",
      "p.time_zone",
      "p.state",
    );
  if (!row) return undefined;
  const practice = row.practice_id && {
    id: row.practice_id,
    name: row.practice_name,
    timeZone: row.time_zone,
    state: row.state,
    homeLocationId: row.home_location_id,
  };
  return { id: row.id, loginId, name: row.name, userId: row.user_id, role: row.role, practice: practice || null };
}

/** The viewer of a route that only people of a practice may use. */
export function practiceViewer(res: Response): PracticeViewer {
  const { viewer } = res.locals;
  if (!viewer.practice) throw new Error("This route's permission belongs to practices alone");
  return viewer as PracticeViewer;
}

/** Middleware: everything needs a log-in except the listed paths; afterwards the person comes back to the page. */
export function requireLogIn(publicPaths: readonly string[]) {
  return (req: Request, res: Response, next: NextFunction) => {
    if (res.locals.viewer || publicPaths.some((path) => req.path === path || req.path.startsWith(`${path}/`)))
      return next();
    if (req.get("hx-request") === "true") return void res.status(401).set("HX-Redirect", "/login").end();
    if (req.method === "GET" && req.path !== "/") req.session.returnTo = req.originalUrl;
    res.redirect(303, "/login");
  };
}
