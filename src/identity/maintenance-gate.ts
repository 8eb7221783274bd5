import type { NextFunction, Request, Response } from "express";
import type { Clock } from "../platform/clock.ts";
import { typedIn } from "../platform/forms.ts";
import { type Maintenance, UnderMaintenance } from "../platform/maintenance.ts";
import { currentWords, retryAfterSeconds } from "../platform/maintenance-words.ts";
import { keptFields } from "./kept-forms.ts";
import { roleMay } from "./permissions.ts";
import { asksFor, isOurForm, keepLateForm, type LateParts } from "./viewer.ts";

type Parts = { maintenance: Maintenance; clock: Clock };

/**
 * During full maintenance: who brings no session is told so before anything is asked of the database, which may be away.
 * A form passes on to `closedToOthers`, for it is kept only if its token is good; without a session that asks nothing, too.
 *
 * @param openPaths where administrators get in, and what everybody may see
 */
export function closedToStrangers({ maintenance, clock }: Parts, openPaths: readonly string[]) {
  return (req: Request, _res: Response, next: NextFunction) => {
    const isClosed = maintenance.inForce(clock.now())?.mode === "full";
    const bringsSession = /(^|;\s*)(__Host-)?sid=/.test(req.get("cookie") ?? "");
    if (isClosed && !bringsSession && req.method !== "POST" && !asksFor(req, openPaths)) throw new UnderMaintenance();
    next();
  };
}

/** During full maintenance: whoever runs it goes on; everybody else waits, logged in or not. */
export function closedToOthers({ maintenance, clock }: Parts, openPaths: readonly string[]) {
  return (req: Request, res: Response, next: NextFunction) => {
    const isClosed = maintenance.inForce(clock.now())?.mode === "full";
    const { viewer } = res.locals;
    const runsIt = viewer && roleMay(viewer.role, "run maintenance");
    if (isClosed && !runsIt && !asksFor(req, openPaths)) throw new UnderMaintenance();
    next();
  };
}

/**
 * During any maintenance: a post changes nothing, unless the permission on its route's line says that it may (`may` asks
 * for `waitsForMaintenance`). One without a permission, as strangers' forms are, passes only where people get in and out,
 * whoever sends it.
 */
export function changesWait(
  { maintenance, clock }: Parts,
  publicPaths: readonly string[],
  gettingIn: readonly string[],
) {
  return (req: Request, res: Response, next: NextFunction) => {
    const isChange = req.method !== "GET" && req.method !== "HEAD";
    if (!isChange || !maintenance.inForce(clock.now())) return next();
    res.locals.waitsForMaintenance = true;
    const needsNoPermission = !res.locals.viewer || asksFor(req, publicPaths);
    if (needsNoPermission && !asksFor(req, gettingIn)) throw new UnderMaintenance();
    next();
  };
}

/** Answers what maintenance refused: a page that says until when, and keeps the form that was sent. */
export function answerMaintenance(
  parts: Parts & LateParts & { program: { timeZone: string }; isOurs(req: Request): boolean },
) {
  const { maintenance, clock, program, isOurs } = parts;
  return async (req: Request, res: Response): Promise<void> => {
    // The database may know of it before this process does.
    if (!maintenance.inForce(clock.now())) await maintenance.refresh().catch(() => {});
    const plan = maintenance.inForce(clock.now());
    const words = plan
      ? currentWords(plan, res.locals.viewer?.practice?.timeZone ?? program.timeZone)
      : { title: "Maintenance is ending", text: "The portal is open again in a moment.", message: "" };
    // Whoever has no log-in has it on the page alone, if the form's token is good.
    const isKnown = Boolean(req.session?.loginId) || (req.session !== undefined && isOurs(req));
    // A log-in is nothing to send again: its password is not kept.
    const isForm = req.method === "POST" && isKnown && !asksFor(req, ["/login"]) && isOurForm(parts, req);
    // Kept for a day as well as on the page; without the database the page has to do.
    const keptId = isForm ? await keepLateForm(parts, req).catch(() => undefined) : undefined;
    const form = isForm && {
      path: req.path,
      fields: { ...keptFields(typedIn(req.body)), ...(keptId && { _kept: keptId }) },
    };
    res.set("Retry-After", String(retryAfterSeconds(plan, clock.now())));
    const page = { title: plan?.mode === "full" ? "Closed for maintenance" : "Not during maintenance" };
    const data = { page, words, form, isFull: plan?.mode === "full", requestId: res.locals.requestId };
    res.locals.show(
      "errors/maintenance",
      { ...data, maintenance: null, hasKeptForm: false },
      { status: 503, fragment: "errors/_maintenance" },
    );
  };
}
