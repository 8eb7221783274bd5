import compression from "compression";
import cookieParser from "cookie-parser";
import express, { type Express } from "express";
import { Registry } from "prom-client";
import { accountRoutes } from "./accounts/routes.ts";
import { adminRoutes } from "./admin/routes.ts";
import { answerError } from "./answer-error.ts";
import { linkRoutes } from "./applications/link-routes.ts";
import { patientApplicationRoutes } from "./applications/patient-routes.ts";
import { applicationRoutes } from "./applications/routes.ts";
import { needsReason } from "./console/reason-routes.ts";
import { consoleRoutes } from "./console/routes.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { devRoutes } from "./dev/routes.ts";
import { profileRoutes } from "./enrolment/profile-routes.ts";
import { reviewRoutes } from "./enrolment/review-routes.ts";
import { enrolmentRoutes } from "./enrolment/routes.ts";
import { frameOf, programTeller } from "./frame.ts";
import { confirmRoutes } from "./identity/confirm-routes.ts";
import { invitationRoutes } from "./identity/invitation-routes.ts";
import { loginsThatAreOn } from "./identity/logins.ts";
import { changesWait, closedToOthers, closedToStrangers } from "./identity/maintenance-gate.ts";
import { passkeySite } from "./identity/passkeys.ts";
import { peopleRoutes, staffRoutes } from "./identity/people-routes.ts";
import { recoverRoutes } from "./identity/recover-routes.ts";
import { identityRoutes } from "./identity/routes.ts";
import { settingsRoutes } from "./identity/settings-routes.ts";
import { troubleRoutes } from "./identity/trouble-routes.ts";
import { knowViewer, offerStaleFormAgain, requireLogIn, viewerQuestion } from "./identity/viewer.ts";
import { mayOpen } from "./navigation.ts";
import type { Parts } from "./parts.ts";
import { loadAssets } from "./platform/assets.ts";
import { csrfProtection } from "./platform/csrf.ts";
import { notFound } from "./platform/errors.ts";
import { healthRoutes, onceReady } from "./platform/health.ts";
import { openNotices } from "./platform/notice.ts";
import { logRequests, plainTextOnly, securityHeaders, turnAwayBursts } from "./platform/requests.ts";
import { openViews } from "./platform/view.ts";
import { locationsOf } from "./practices/queries.ts";
import { reportRoutes } from "./reports/routes.ts";
import { articleRoutes } from "./resources/article-routes.ts";
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
  "/apply",
] as const;
/** Open whatever the maintenance: getting in and out. */
const gettingIn = ["/login", "/recover", "/trouble", "/dev", "/logout", "/session"];
/** What lies below a public path and is not. */
const insidePaths = ["/support/cases"] as const;

/** The table of contents: what every request passes, then one line a room. */
export function createApp(parts: Parts): Express {
  const { config, log, sessions, readiness } = parts;
  const { program, publicUrl } = config;
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", "simple").set("trust proxy", config.trustedProxies);

  const metrics = new Registry();
  const assets = loadAssets(program.accent);
  const csrf = csrfProtection(config);
  const programFor = programTeller(parts);
  app.use(logRequests(log, metrics));
  app.use(securityHeaders({ https: publicUrl.startsWith("https:") }));
  app.use(assets.router);
  app.use(healthRoutes({ ...parts, checkSessions: sessions.check, metrics }));
  const notices = openNotices({ vault: parts.vault, secure: config.production });
  app.use(openViews(config, assets, { frame: frameOf(parts, csrf, programFor), notices }));
  app.use(compression({ level: 4 }));
  const board = openBoard(parts);
  app.locals.board = board;
  app.use(statusRoutes({ ...parts, board, program }));
  app.use(onceReady(readiness));

  app.use(closedToStrangers(parts, gettingIn));
  // Before the session is read: a form that comes slowly must not meet what was known of its log-in when it began.
  app.use(cookieParser(), express.urlencoded({ extended: false, limit: "64kb" }));
  app.use(turnAwayBursts()); // whoever still sends takes nobody's place
  const policy = {
    everyone: config.production || program.needsFactor,
    staffNeedStrong: config.production,
    emailCodes: program.emailCodes,
  };
  const viewers = { ...parts, policy, limits: program };
  const question = viewerQuestion(viewers);
  app.use(sessions.middleware(question), knowViewer(viewers, question), plainTextOnly);
  app.use(closedToOthers(parts, gettingIn));
  app.use(requireLogIn({ ...parts, program, publicUrl, secure: config.production }, publicPaths, insidePaths));
  app.use(csrf.protect(offerStaleFormAgain({ ...parts, publicUrl })));
  app.use(changesWait(parts, publicPaths, [...gettingIn, "/support"]));

  const rooms = {
    ...parts,
    program,
    programFor,
    publicUrl,
    policy,
    board,
    mayOpen,
    secure: config.production,
    site: passkeySite(program.name, publicUrl),
    locationsOf: (practiceId: string) => locationsOf(parts.db, practiceId),
    hub: openChatHub({ ...parts, isOn: (ids) => loginsThatAreOn({ ...parts, limits: program }, ids) }),
  };
  // What is opened most comes first: a request passes the routes of every room before its own.
  app.use(
    dashboardRoutes(rooms),
    accountRoutes(rooms),
    transactionRoutes(rooms),
    linkRoutes(rooms),
    applicationRoutes(rooms),
  );
  app.use(identityRoutes(rooms), recoverRoutes(rooms), confirmRoutes(rooms), troubleRoutes(rooms));
  app.use(settingsRoutes(rooms), peopleRoutes(rooms), staffRoutes(rooms), invitationRoutes(rooms));
  app.use(enrolmentRoutes(rooms), reviewRoutes(rooms), profileRoutes(rooms));
  app.use(consoleRoutes(rooms));
  app.use(incidentRoutes(rooms));
  app.use(adminRoutes(rooms));
  app.use(statementRoutes({ ...rooms, reason: needsReason(parts, "account") }), patientStatementRoutes(rooms));
  app.use(patientApplicationRoutes(rooms));
  app.use(resourceRoutes(rooms), materialRoutes(rooms), orderRoutes(rooms), articleRoutes(rooms));
  app.use(trainingRoutes(rooms));
  app.use(reportRoutes(rooms));
  app.use(supportRoutes(rooms), chatRoutes(rooms), agentRoutes(rooms), agentChatRoutes(rooms));
  if (config.demo) app.use(devRoutes(rooms));

  app.use(() => {
    throw notFound();
  });
  app.use(answerError(parts, csrf));
  return app;
}
