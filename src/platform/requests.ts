import { randomUUID } from "node:crypto";
import type { NextFunction, Request, Response } from "express";
import helmet from "helmet";
import { Histogram, type Registry } from "prom-client";
import { isUnavailable, sqlState } from "./db.ts";
import { Declined, Refused } from "./errors.ts";
import type { Log } from "./log.ts";
import { UnderMaintenance } from "./maintenance.ts";

declare global {
  namespace Express {
    interface Locals {
      /** Stands on every error page and in every log line of the request. */
      requestId: string;
      /** For an answer that has begun and goes on for long: it takes nobody's place in the crowd. */
      waitsNoMore: () => void;
    }
  }
}

/** Middleware: numbers each request, and logs its end and time. The path alone is logged, never what was asked or typed. */
export function logRequests(log: Log, metrics: Registry) {
  const seconds = new Histogram({
    name: "http_request_seconds",
    help: "Time to answer a request",
    labelNames: ["method", "status"],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.5, 1, 5],
    registers: [metrics],
  });
  return (req: Request, res: Response, next: NextFunction) => {
    res.locals.requestId = randomUUID();
    res.setHeader("X-Request-Id", res.locals.requestId);
    const began = performance.now();
    res.on("finish", () => {
      const took = performance.now() - began;
      seconds.observe({ method: req.method, status: res.statusCode }, took / 1000);
      const line = {
        requestId: res.locals.requestId,
        method: req.method,
        path: loggedPath(req),
        status: res.statusCode,
        ms: Math.round(took),
      };
      log.info({ ...line, userId: res.locals.viewer?.id }, "answered");
    });
    next();
  };
}

/** The path without what must not be read in a log: a link that was mailed is as good as a password. */
export const loggedPath = (req: Request) =>
  req.path.replace(
    /^(\/(?:recover\/password|support\/letters|my-statement|apply|invitations|enroll\/resume)\/).+/i,
    "$1…",
  );

/** Middleware: everything from here and nowhere else, no framing, no caching of pages with people's data in them. */
export function securityHeaders({ https }: { https: boolean }) {
  const own = ["'self'"];
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: own,
        styleSrc: own,
        imgSrc: [...own, "data:"],
        fontSrc: own,
        connectSrc: own,
        frameSrc: own,
        formAction: own,
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        manifestSrc: own,
      },
    },
    // With helmet's own "no-referrer" a browser sends "Origin: null" with every form.
    referrerPolicy: { policy: "same-origin" },
    strictTransportSecurity: https && { maxAge: 63_072_000, includeSubDomains: true },
  });
  // They are the same on every answer: made once.
  const fixed = new Map<string, string>([
    ["Cache-Control", "no-store"],
    ["Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"],
  ]);
  const collect = { setHeader: fixed.set.bind(fixed), removeHeader() {} };
  headers({} as Request, collect as unknown as Response, () => {});
  return (_req: Request, res: Response, next: NextFunction) => {
    for (const [name, value] of fixed) res.setHeader(name, value);
    next();
  };
}

/** So many wait for an answer at most; about what is answered within the two seconds that a connection is waited for. */
const mostWaiting = 300;

/**
 * Middleware: a burst beyond what can be answered is turned away at once, so that those who came before are served. A stream,
 * which stays open, says that it waits no more.
 */
export function turnAwayBursts() {
  let waiting = 0;
  return (_req: Request, res: Response, next: NextFunction) => {
    if (waiting >= mostWaiting) {
      throw new Refused(503, "Very many people are asking at this moment. Wait a few seconds, then try again.", 5);
    }
    waiting += 1;
    let waits = true;
    res.locals.waitsNoMore = () => {
      if (waits) waiting -= 1;
      waits = false;
    };
    res.once("close", res.locals.waitsNoMore);
    next();
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is sought
const controlCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/;

/** Middleware: no text that came in holds control characters; PostgreSQL would fail on some, spreadsheets and drawings on others. */
export function plainTextOnly(req: Request, _res: Response, next: NextFunction) {
  req.body ??= Object.create(null);
  const texts = [...Object.entries(req.body), ...Object.entries(req.query)].flat();
  if (texts.some((text) => typeof text === "string" && controlCharacters.test(text))) {
    throw new Refused(422, "Something typed there holds characters that cannot be used. Type it again by hand.");
  }
  next();
}

/** What went wrong, as a status and a sentence for the person; `undefined` seconds mean there is no use in waiting. */
export function asRefused(error: unknown): Refused | null {
  if (error instanceof Refused) return error;
  if (error instanceof Declined) return new Refused(422, error.message);
  if (sqlState(error) === "CA503") return new UnderMaintenance(); // the ledger's own guard
  if (isUnavailable(error)) {
    return new Refused(
      503,
      "A part of the portal does not answer at the moment. Nothing was lost: wait a moment, then try the same again.",
      10,
    );
  }
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  if (status === 413) return new Refused(413, "That was too much text for one form. Shorten it and send it again.");
  if (typeof status === "number" && status >= 400 && status < 500) {
    return new Refused(400, "The portal could not understand that request. Go back and try again from the page.");
  }
  return null;
}
