import { type NextFunction, type Request, type Response, Router } from "express";
import type { Registry } from "prom-client";
import type { Db } from "./db.ts";
import { Refused } from "./errors.ts";

/** Whether the portal may be used: set by `main.ts` when migrations and demo data are done, unset when it stops. */
export type Readiness = { state: "starting" | "ready" | "stopping" };

/** For load balancers and monitoring: alive, ready, and the figures (to this machine alone). */
export function healthRoutes(parts: {
  db: Db;
  checkSessions: () => Promise<void>;
  readiness: Readiness;
  metrics: Registry;
}): Router {
  const router = Router();

  router.get("/healthz", (_req, res) => void res.type("text").send("alive\n"));

  router.get("/readyz", async (_req, res) => {
    const checks = { database: () => parts.db.raw("select 1"), sessions: parts.checkSessions };
    const failed: string[] = parts.readiness.state === "ready" ? [] : [`portal is ${parts.readiness.state}`];
    for (const [name, check] of Object.entries(checks)) {
      if (failed.length) break;
      await check().catch(() => failed.push(`${name} does not answer`));
    }
    if (failed.length)
      res
        .status(503)
        .set("Retry-After", "5")
        .type("text")
        .send(`${failed.join("\n")}\n`);
    else res.type("text").send("ready\n");
  });

  router.get("/metrics", async (req, res) => {
    const local = ["127.0.0.1", "::1", "::ffff:127.0.0.1"].includes(req.socket.remoteAddress ?? "");
    if (!local || req.get("x-forwarded-for")) return void res.status(404).end();
    res.set("Content-Type", parts.metrics.contentType).send(await parts.metrics.metrics());
  });

  return router;
}

/** Middleware: 503 with a sentence while the portal starts or stops. */
export function onceReady(readiness: Readiness) {
  return (_req: Request, _res: Response, next: NextFunction) => {
    if (readiness.state === "ready") return next();
    const sentence = `The portal is ${readiness.state === "starting" ? "starting" : "stopping"}. Try again in a few seconds.`;
    throw new Refused(503, sentence, 5);
  };
}
