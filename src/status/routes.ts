import { type Response, Router } from "express";
import type { Clock } from "../platform/clock.ts";
import type { Maintenance } from "../platform/maintenance.ts";
import { currentWords, plannedWords } from "../platform/maintenance-words.ts";
import { type Board, daysTold, type Known } from "./board.ts";
import { historyOf } from "./history.ts";
import { stageWords, stateWords } from "./words.ts";

type Parts = { board: Board; clock: Clock; maintenance: Maintenance; program: { timeZone: string } };

/** The public page of what works: it stands before sessions and everything that needs the database. */
export function statusRoutes({ board, clock, maintenance, program }: Parts): Router {
  const router = Router();

  router.get("/status", async (_req, res) => {
    const known = await board.look();
    const now = clock.now();
    const [current, planned] = [maintenance.inForce(now), maintenance.toCome(now)];
    const parts = known.parts.map((part) => ({
      ...part,
      ...stateWords[part.state],
      history: historyOf(known, part.id, clock.today()),
    }));
    const data = {
      parts,
      daysTold,
      now,
      measuredAt: known.measuredAt,
      readAt: known.readAt,
      isSilent: isSilent(known),
      summary: summary(known, current !== null),
      current: current && currentWords(current, program.timeZone),
      planned: planned && plannedWords(planned, program.timeZone),
      labels: Object.fromEntries(known.parts.map(({ id, label }) => [id, label])),
      open: known.incidents.filter(({ resolvedAt }) => !resolvedAt),
      happened: known.incidents.filter(({ resolvedAt }) => resolvedAt),
      past: known.past,
      stageWords,
    };
    forAMoment(res);
    res.locals.show("status/status", {
      page: { title: "Status", back: { href: "/", label: "The portal" } },
      ...data,
      maintenance: null,
    });
  });

  router.get("/status.json", async (_req, res) => {
    const known = await board.look();
    const now = clock.now();
    const plan = maintenance.inForce(now) ?? maintenance.toCome(now);
    forAMoment(res);
    res.json({
      at: now,
      measuredAt: known.measuredAt,
      parts: known.parts.map(({ id, label, state, since }) => ({ id, name: label, state, since })),
      maintenance: plan && {
        mode: plan.mode,
        message: plan.message,
        startsAt: plan.startsAt ?? plan.savedAt,
        endsAt: plan.endsAt,
        isUnderWay: plan === maintenance.inForce(now),
      },
      incidents: known.incidents,
    });
  });

  return router;
}

const isSilent = ({ parts }: Known) =>
  parts.some(({ id, state }) => id === "database" && state !== "works" && state !== "slow");

/** The whole of it in a sentence. */
function summary({ parts, incidents, measuredAt }: Known, isUnderMaintenance: boolean): { kind: string; text: string } {
  const of = (wanted: string) => parts.filter(({ state }) => state === wanted).map(({ label }) => label);
  const [down, slow] = [of("down"), of("slow")];
  if (!measuredAt) return { kind: "info", text: "The portal is starting, and has measured nothing yet." };
  if (down.length) return { kind: "danger", text: `Not working at the moment: ${down.join(", ")}.` };
  if (isUnderMaintenance) return { kind: "warning", text: "Maintenance is under way." };
  if (incidents.some(({ resolvedAt }) => !resolvedAt))
    return { kind: "warning", text: "Something does not work as it should: read below what we know." };
  if (slow.length) return { kind: "warning", text: `Slower than usual: ${slow.join(", ")}.` };
  return { kind: "success", text: "Everything works." };
}

/** Kept for some seconds, by browsers and whatever stands between, so that a crowd costs little. */
function forAMoment(res: Response): void {
  res.set("Cache-Control", "public, max-age=5");
}
