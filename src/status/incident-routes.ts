import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { may } from "../identity/permissions.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { choice, keyIn, line, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import type { Board } from "./board.ts";
import { findIncident, incidentsSince, stages } from "./queries.ts";
import { reportIncident, updateIncident } from "./report-incident.ts";
import { stageWords } from "./words.ts";

const text = z
  .string({ error: "Write what people should know" })
  .trim()
  .min(1, { error: "Write what people should know" })
  .max(2_000, { error: "Use 2,000 characters or fewer" });
const updateForm = z.object({ stage: choice(stages, "Choose how far it is"), body: text });
const reportForm = updateForm.extend({ title: line("Say in a few words what does not work", 120) });

const shownMs = 365 * 86_400_000;

/** Incidents, written by administrators for the status page; support reads them here. */
export function incidentRoutes(parts: { db: Db; clock: Clock; board: Board }): Router {
  const router = Router();
  const { db, clock, board } = parts;

  router.get("/admin/incidents", may("see operations"), async (_req, res) => {
    const incidents = await incidentsSince(db, new Date(clock.now().getTime() - shownMs));
    res.locals.show("status/incidents", { page: { title: "Incidents" }, incidents, stageWords });
  });

  router.get("/admin/incidents/new", may("write incidents"), (_req, res) =>
    showReport(res, { key: randomUUIDv7(), stage: "investigating" }),
  );

  router.post("/admin/incidents", may("write incidents"), async (req, res) => {
    const id = keyIn(req.body);
    const affected = partIds().filter((part) => typedIn(req.body)[`part-${part}`] === "yes");
    try {
      const form = readForm(reportForm, req.body);
      await reportIncident(parts, res.locals.viewer, { id, ...form, parts: affected });
      await board.changed();
      goTo(res, `/admin/incidents/${id}`, "Told. It stands on the status page.");
    } catch (error) {
      showReport(res, typedIn(req.body), declinedOrThrow(error));
    }
  });

  router.get("/admin/incidents/:id", may("see operations"), (req, res) =>
    showIncident(res, { id: uuidIn(req.params.id), typed: { key: randomUUIDv7() } }),
  );

  router.post("/admin/incidents/:id/updates", may("write incidents"), async (req, res) => {
    const incidentId = uuidIn(req.params.id);
    try {
      const update = { id: keyIn(req.body), incidentId, ...readForm(updateForm, req.body) };
      await updateIncident(parts, res.locals.viewer, update);
      await board.changed();
      goTo(res, `/admin/incidents/${incidentId}`, "Added. It stands on the status page.");
    } catch (error) {
      await showIncident(res, { id: incidentId, typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  const partIds = () => board.parts.map(({ id }) => id);

  function showReport(res: Response, typed: Typed, errors?: Record<string, string>): void {
    const page = { title: "Report an incident", back: { href: "/admin/incidents", label: "Incidents" } };
    res.locals.show("status/report", { page, parts: board.parts, stages: stageOptions, typed, errors });
  }

  async function showIncident(
    res: Response,
    { id, typed, errors }: { id: string; typed: Typed; errors?: Record<string, string> },
  ): Promise<void> {
    const incident = await findIncident(db, id);
    const page = { title: incident.title, back: { href: "/admin/incidents", label: "Incidents" } };
    const stage = typed.stage ?? incident.updates[0]?.stage ?? "";
    const labels = Object.fromEntries(board.parts.map((part) => [part.id, part.label]));
    const data = { page, incident, labels, stages: stageOptions, stageWords, typed: { ...typed, stage }, errors };
    res.locals.show("status/incident", data);
  }

  return router;
}

const stageOptions = stages.map((value) => ({ value, label: stageWords[value] }));
