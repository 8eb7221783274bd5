import { hash, timingSafeEqual } from "node:crypto";
import { type NextFunction, type Request, type Response, Router } from "express";
import type { Registry } from "prom-client";
import type { Db } from "./db.ts";
import { Refused } from "./errors.ts";

/** Whether the portal may be used: set by `main.ts` when migrations and demo data are done, unset when it stops. */
export type Readiness = { state: "starting" | "ready" | "stopping" };

/**
 * For load balancers and monitoring: alive, ready, and the figures. Those are for whoever brings the token, or for this
 * machine; behind TLS, which somebody else ends and who may be on this machine too, everybody seems to be there, so the
 * token alone opens them.
 */
export function healthRoutes(parts: {
  db: Db;
  checkSessions: () => Promise<void>;
  readiness: Readiness;
  metrics: Registry;
  config: { publicUrl: string; trustedProxies: number; metricsToken: string | undefined };
}): Router {
  const { publicUrl, trustedProxies, metricsToken } = parts.config;
  const hasProxy = publicUrl.startsWith("https:") || trustedProxies > 0;
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
    const isLocal = loopback.includes(req.socket.remoteAddress ?? "") && !hasProxy && !req.get("x-forwarded-for");
    if (!isLocal && !bringsToken(req, metricsToken)) return void res.status(404).end();
    res.set("Content-Type", parts.metrics.contentType).send(await parts.metrics.metrics());
  });

  return router;
}

const loopback = ["127.0.0.1", "::1", "::ffff:127.0.0.1"];

function bringsToken(req: Request, token: string | undefined): boolean {
  const [given, wanted] = [req.get("authorization") ?? "", `Bearer ${token}`].map((text) =>
    hash("sha256", text, "buffer"),
  );
  return token !== undefined && timingSafeEqual(given as Buffer, wanted as Buffer);
}

/** Middleware: 503 with a sentence while the portal starts or stops. */
export function onceReady(readiness: Readiness) {
  return (_req: Request, _res: Response, next: NextFunction) => {
    if (readiness.state === "ready") return next();
    const sentence = `The portal is ${readiness.state === "starting" ? "starting" : "stopping"}. Try again in a few seconds.`;
    throw new Refused(503, sentence, 5);
  };
}
