import compression from "compression";
import cookieParser from "cookie-parser";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { Registry } from "prom-client";
import { accountRoutes } from "./accounts/routes.ts";
import { adminRoutes } from "./admin/routes.ts";
import type { Bureau } from "./applications/bureau.ts";
import { applicationRoutes } from "./applications/routes.ts";
import { consoleRoutes } from "./console/routes.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { devRoutes } from "./dev/routes.ts";
import { profileRoutes } from "./enrolment/profile-routes.ts";
import { reviewRoutes } from "./enrolment/review-routes.ts";
import { enrolmentRoutes } from "./enrolment/routes.ts";
import { confirmRoutes } from "./identity/confirm-routes.ts";
import { invitationRoutes } from "./identity/invitation-routes.ts";
import { loginsThatAreOn } from "./identity/logins.ts";
import { answerMaintenance, changesWait, closedToOthers, closedToStrangers } from "./identity/maintenance-gate.ts";
import { passkeySite } from "./identity/passkeys.ts";
import type { Passwords } from "./identity/passwords.ts";
import { peopleRoutes, staffRoutes } from "./identity/people-routes.ts";
import { recoverRoutes } from "./identity/recover-routes.ts";
import { identityRoutes } from "./identity/routes.ts";
import { settingsRoutes } from "./identity/settings-routes.ts";
import { troubleRoutes } from "./identity/trouble-routes.ts";
import { knowViewer, offerStaleFormAgain, requireLogIn, type Viewer } from "./identity/viewer.ts";
import { mayOpen, viewerFrame } from "./navigation.ts";
import { loadAssets } from "./platform/assets.ts";
import type { Clock } from "./platform/clock.ts";
import type { Config } from "./platform/config.ts";
import { csrfProtection } from "./platform/csrf.ts";
import type { Db } from "./platform/db.ts";
import { notFound, Refused } from "./platform/errors.ts";
import { healthRoutes, type Readiness } from "./platform/health.ts";
import type { Listener } from "./platform/listen.ts";
import type { Log } from "./platform/log.ts";
import { type Maintenance, UnderMaintenance } from "./platform/maintenance.ts";
import { currentWords, plannedWords } from "./platform/maintenance-words.ts";
import { asRefused, loggedPath, logRequests, plainTextOnly, securityHeaders } from "./platform/requests.ts";
import type { Vault } from "./platform/secrets.ts";
import type { Sessions } from "./platform/sessions.ts";
import { openViews } from "./platform/view.ts";
import { locationsOf } from "./practices/queries.ts";
import { reportRoutes } from "./reports/routes.ts";
import { articleRoutes } from "./resources/article-routes.ts";
import { helpFor } from "./resources/help-links.ts";
import { materialRoutes } from "./resources/material-routes.ts";
import { orderRoutes } from "./resources/order-routes.ts";
import { resourceRoutes } from "./resources/routes.ts";
import { patientStatementRoutes } from "./statements/patient-routes.ts";
import { statementRoutes } from "./statements/routes.ts";
import { openBoard } from "./status/board.ts";
import { incidentRoutes } from "./status/incident-routes.ts";
import { statusRoutes } from "./status/routes.ts";
import { agentChatRoutes } from "./support/agent-chat-routes.ts";
import { agentRoutes } from "./support/agent-routes.ts";
import { openChatHub } from "./support/chat-hub.ts";
import { chatRoutes } from "./support/chat-routes.ts";
import { supportRoutes } from "./support/routes.ts";
import { trainingRoutes } from "./training/routes.ts";
import { transactionRoutes } from "./transactions/routes.ts";

/** What the portal is made of; the tests hand in the same parts with another clock and cheaper hashes. */
export type Parts = {
  config: Config;
  db: Db;
  clock: Clock;
  log: Log;
  vault: Vault;
  passwords: Passwords;
  sessions: Sessions;
  /** What other processes tell through the database. */
  listener: Listener;
  maintenance: Maintenance;
  bureau: Bureau;
  readiness: Readiness;
};

const publicPaths = [
  "/login",
  "/recover",
  "/trouble",
  "/resources/articles",
  "/enroll",
  "/invitations",
  "/dev",
  "/support",
  "/my-statement",
] as const;
/** Open whatever the maintenance: getting in and out. */
const gettingIn = ["/login", "/recover", "/trouble", "/dev", "/logout", "/session"];
/** What lies below a public path and is not. */
const insidePaths = ["/support/cases"] as const;

/** The table of contents: what every request passes, then one line a room. */
export function createApp(parts: Parts): Express {
  const { config, log, sessions, readiness } = parts;
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", "simple").set("trust proxy", config.trustedProxies);

  const metrics = new Registry();
  const assets = loadAssets(config.program.accent);
  const csrf = csrfProtection(config);
  const frame = (req: Request, res: Response) => ({
    viewer: res.locals.viewer ? viewerFrame(res.locals.viewer, req.path, res.locals.readsAs) : null,
    root: res.locals.readsAs ? "/console" : "",
    supportView: res.locals.readsAs && { ...res.locals.look, practiceName: res.locals.readsAs.practice.name },
    csrf: req.session ? csrf.token(req, res) : "",
    idle: res.locals.viewer ? idleNote(res.locals.viewer, config.program, parts.clock) : null,
    notice: takeNotice(req),
    help: `/resources/articles/${helpFor(req.path)}`,
    maintenance: bannerFor(parts, res),
    hasKeptForm: Boolean(res.locals.viewer && req.session?.keptFormId),
  });

  app.use(logRequests(log, metrics));
  app.use(securityHeaders({ https: config.publicUrl.startsWith("https:") }));
  app.use(assets.router);
  app.use(healthRoutes({ ...parts, checkSessions: sessions.check, metrics }));
  app.use(openViews(config, assets, frame));
  app.use(compression({ level: 4 }));
  const board = openBoard(parts);
  app.locals.board = board;
  app.use(statusRoutes({ ...parts, board, program: config.program }));
  app.use(onceReady(readiness));

  app.use(closedToStrangers(parts, gettingIn));
  app.use(sessions.middleware);
  app.use(cookieParser(), express.urlencoded({ extended: false, limit: "64kb" }), plainTextOnly);
  const policy = {
    ...{ everyone: config.production || config.program.needsFactor, staffNeedStrong: config.production },
    emailCodes: config.program.emailCodes,
  };
  app.use(knowViewer({ ...parts, policy, limits: config.program }));
  app.use(closedToOthers(parts, gettingIn));
  app.use(requireLogIn({ ...parts, program: config.program, publicUrl: config.publicUrl }, publicPaths, insidePaths));
  app.use(csrf.protect(offerStaleFormAgain({ ...parts, publicUrl: config.publicUrl })));
  app.use(changesWait(parts, [...gettingIn, "/support"]));

  const site = passkeySite(config.program.name, config.publicUrl);
  const identity = { ...parts, site, program: config.program, publicUrl: config.publicUrl, secure: config.production };
  app.use(identityRoutes(identity));
  app.use(recoverRoutes(identity));
  app.use(confirmRoutes(identity));
  app.use(settingsRoutes({ ...identity, policy }));
  app.use(troubleRoutes({ clock: parts.clock, secure: config.production }));
  const people = { ...identity, locationsOf: (practiceId: string) => locationsOf(parts.db, practiceId) };
  app.use(peopleRoutes(people));
  app.use(staffRoutes(people));
  app.use(invitationRoutes(identity));
  app.use(enrolmentRoutes(identity));
  app.use(reviewRoutes(identity));
  app.use(profileRoutes(identity));
  app.use(consoleRoutes(identity));
  app.use(incidentRoutes({ ...parts, board }));
  app.use(adminRoutes({ ...parts, program: config.program }));
  app.use(dashboardRoutes(parts));
  app.use(applicationRoutes({ ...parts, program: config.program }));
  app.use(accountRoutes(parts));
  app.use(transactionRoutes(parts));
  app.use(statementRoutes({ ...parts, program: config.program }));
  app.use(patientStatementRoutes({ ...parts, program: config.program }));
  app.use(resourceRoutes(parts));
  app.use(trainingRoutes({ ...parts, program: config.program }));
  app.use(materialRoutes({ ...parts, program: config.program }));
  app.use(orderRoutes({ ...parts, program: config.program, publicUrl: config.publicUrl }));
  app.use(articleRoutes({ db: parts.db, program: config.program, mayOpen }));
  app.use(reportRoutes(parts));
  const support = { ...parts, program: config.program, publicUrl: config.publicUrl };
  const isOn = (ids: string[]) => loginsThatAreOn({ ...parts, limits: config.program }, ids);
  const hub = openChatHub({ ...parts, isOn });
  app.use(supportRoutes(support));
  app.use(chatRoutes({ ...support, hub }));
  app.use(agentRoutes(support));
  app.use(agentChatRoutes({ ...support, hub }));
  if (config.demo) app.use(devRoutes(parts));

  app.use(() => {
    throw notFound();
  });
  app.use(answerError(parts));
  return app;
}

/** When the log-in ends by itself, for the note on every page and the warning that it becomes. */
function idleNote({ endsAt }: Viewer, { idleMinutes }: { idleMinutes: number }, clock: Clock) {
  const seconds = Math.round((endsAt.getTime() - clock.now().getTime()) / 1000);
  return { endsAt, seconds, minutes: idleMinutes };
}

/** What every page says of maintenance: that it is under way, or planned for the next hours. */
function bannerFor({ maintenance, clock, config }: Parts, res: Response) {
  const now = clock.now();
  const timeZone = res.locals.viewer?.practice?.timeZone ?? config.program.timeZone;
  const current = maintenance.inForce(now);
  if (current) return currentWords(current, timeZone);
  const planned = maintenance.toCome(now);
  const noticeMs = config.maintenanceNoticeHours * 3_600_000;
  const isSoon = planned?.startsAt && planned.startsAt.getTime() - now.getTime() <= noticeMs;
  return isSoon ? plannedWords(planned, timeZone) : null;
}

/** What the page before wanted said, once. */
function takeNotice(req: Request): { text: string } | null {
  const text = req.session?.flash;
  if (!text) return null;
  delete req.session.flash;
  return { text };
}

function onceReady(readiness: Readiness) {
  return (_req: Request, _res: Response, next: NextFunction) => {
    if (readiness.state === "ready") return next();
    const sentence = `The portal is ${readiness.state === "starting" ? "starting" : "stopping"}. Try again in a few seconds.`;
    throw new Refused(503, sentence, 5);
  };
}

/** The one error handler: a page of ours with a sentence and the request's id, never a stack. */
function answerError(parts: Parts) {
  const { log, maintenance, clock, config } = parts;
  const { program, publicUrl } = config;
  const refuseForMaintenance = answerMaintenance({ ...parts, program, publicUrl });
  return async (error: unknown, req: Request, res: Response, next: NextFunction) => {
    const refused = asRefused(error);
    const status = refused?.status ?? 500;
    // What is away during full maintenance is away because of it.
    const isClosed = status === 503 && maintenance.inForce(clock.now())?.mode === "full";
    if (!res.headersSent && (refused instanceof UnderMaintenance || isClosed)) return refuseForMaintenance(req, res);
    if (status >= 500) log.error({ requestId: res.locals.requestId, path: loggedPath(req), err: error }, "failed");
    if (res.headersSent) return next(error);
    if (refused?.retryAfterSeconds) res.set("Retry-After", String(refused.retryAfterSeconds));
    const sentence = refused?.message ?? "Something went wrong on our side. Nothing that you did caused it.";
    res.locals.show(
      "errors/error",
      { page: { title: titles[status] ?? "Something went wrong" }, status, sentence, requestId: res.locals.requestId },
      { status },
    );
  };
}

const titles: Record<number, string> = {
  400: "We could not read that request",
  403: "Not allowed",
  404: "Not found",
  413: "Too long",
  422: "We could not accept that",
  429: "Too many tries",
  503: "Not available right now",
};
