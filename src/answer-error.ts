import type { NextFunction, Request, Response } from "express";
import { answerMaintenance } from "./identity/maintenance-gate.ts";
import type { Parts } from "./parts.ts";
import type { csrfProtection } from "./platform/csrf.ts";
import { Refused } from "./platform/errors.ts";
import { UnderMaintenance } from "./platform/maintenance.ts";
import { asRefused, loggedPath } from "./platform/requests.ts";

/** The one error handler: a page of ours with a sentence and the request's id, never a stack. */
export function answerError(parts: Parts, { isOurs }: Pick<ReturnType<typeof csrfProtection>, "isOurs">) {
  const { log, maintenance, clock, config } = parts;
  const { program, publicUrl } = config;
  const refuseForMaintenance = answerMaintenance({ ...parts, program, publicUrl, isOurs });
  return async (error: unknown, req: Request, res: Response, next: NextFunction) => {
    const refused = asRefused(error);
    const status = refused?.status ?? 500;
    // What is away during full maintenance is away because of it.
    const isClosed = status === 503 && maintenance.inForce(clock.now())?.mode === "full";
    if (!res.headersSent && (refused instanceof UnderMaintenance || isClosed)) return refuseForMaintenance(req, res);
    // What was refused on purpose, as a page while the portal starts, is no failure to look into.
    if (status >= 500 && !(error instanceof Refused))
      log.error({ requestId: res.locals.requestId, path: loggedPath(req), err: error }, "failed");
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
