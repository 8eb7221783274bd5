import { type Response, Router } from "express";
import { z } from "zod";
import { may } from "../identity/permissions.ts";
import { formatTypedDateTime, parseDateTime } from "../lib/times.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import * as forms from "../platform/forms.ts";
import { readForm, type Typed, typedIn } from "../platform/forms.ts";
import { type Maintenance, modes } from "../platform/maintenance.ts";
import { currentWords, plannedWords } from "../platform/maintenance-words.ts";
import { goTo } from "../platform/view.ts";
import { setMaintenance } from "./set-maintenance.ts";

type Parts = { db: Db; clock: Clock; maintenance: Maintenance; program: { timeZone: string } };

/** What administrators run; support may read it. */
export function adminRoutes(parts: Parts): Router {
  const router = Router();
  const { clock, maintenance } = parts;
  const { timeZone } = parts.program;

  const instant = z
    .string()
    .trim()
    .default("")
    .transform((text, context) => {
      const at = text ? parseDateTime(text, timeZone) : null;
      if (at || !text) return at;
      context.addIssue({ code: "custom", message: "Enter a date and a time, like 11/24/2026 1:30 AM" });
      return z.NEVER;
    });
  const maintenanceForm = z.object({
    mode: forms.choice(modes, "Choose a mode"),
    message: forms.optionalLine(300),
    starts: instant,
    ends: instant,
    seen: z.coerce.number().int().catch(0),
  });

  router.get("/admin/maintenance", may("see operations"), async (_req, res) => {
    await maintenance.refresh();
    showMaintenance(res, typedAgain());
  });

  router.post("/admin/maintenance", may("run maintenance"), async (req, res) => {
    try {
      const { mode, message, starts, ends, seen } = readForm(maintenanceForm, req.body);
      const wanted = { mode, message, startsAt: starts, endsAt: ends };
      await setMaintenance(parts, res.locals.viewer, { wanted, seen });
      goTo(res, "/admin/maintenance", mode === "off" ? "Maintenance is off." : "Saved. Every page says so by now.");
    } catch (error) {
      const errors = declinedOrThrow(error);
      await maintenance.refresh();
      // Whoever read what another administrator saved meanwhile may save over it.
      showMaintenance(
        res,
        { ...typedIn(req.body), ...(errors.form && { seen: String(maintenance.plan().number) }) },
        errors,
      );
    }
  });

  function showMaintenance(res: Response, typed: Typed, errors?: Record<string, string>): void {
    const now = clock.now();
    const [current, planned] = [maintenance.inForce(now), maintenance.toCome(now)];
    const page = { title: "Maintenance" };
    const state = current ? currentWords(current, timeZone) : planned ? plannedWords(planned, timeZone) : null;
    res.locals.show("admin/maintenance", { page, state, typed, now, errors });
  }

  /** What holds or is to come, as its form shows it, to be changed. */
  function typedAgain(): Typed {
    const now = clock.now();
    const plan = maintenance.inForce(now) ?? maintenance.toCome(now);
    const typedAt = (at: Date | null | undefined) => (at && at > now ? formatTypedDateTime(at, timeZone) : "");
    return {
      mode: plan?.mode ?? "off",
      message: plan?.message ?? "",
      seen: String(maintenance.plan().number),
      starts: typedAt(plan?.startsAt),
      ends: typedAt(plan?.endsAt),
    };
  }

  return router;
}
