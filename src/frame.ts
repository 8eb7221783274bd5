import type { Request, Response } from "express";
import type { Viewer } from "./identity/viewer.ts";
import { describeHours } from "./lib/opening-hours.ts";
import { viewerFrame } from "./navigation.ts";
import type { Parts } from "./parts.ts";
import type { Clock } from "./platform/clock.ts";
import type { csrfProtection } from "./platform/csrf.ts";
import { currentWords, plannedWords } from "./platform/maintenance-words.ts";
import { helpFor } from "./resources/help-links.ts";

/** What the layout says around every page: who looks, where to, until when, and what is to be known. */
export function frameOf(
  parts: Parts,
  csrf: ReturnType<typeof csrfProtection>,
  programFor: ReturnType<typeof programTeller>,
) {
  return (req: Request, res: Response) => ({
    program: programFor(res.locals.viewer),
    viewer: res.locals.viewer ? viewerFrame(res.locals.viewer, req.path, res.locals.readsAs) : null,
    root: res.locals.readsAs ? "/console" : "",
    supportView: supportView(req, res),
    csrf: req.session ? csrf.token(req, res) : "",
    idle: res.locals.viewer ? idleNote(res.locals.viewer, parts.config.program, parts.clock) : null,
    help: `/resources/articles/${helpFor(req.path)}`,
    maintenance: bannerFor(parts, res),
    hasKeptForm: Boolean(res.locals.viewer && req.session?.keptFormId),
  });
}

/** The mark on what support reads as a practice does, and on every other page of a patient's account. */
function supportView({ path }: Request, { locals: { look, readsAs } }: Response) {
  if (!look || !(readsAs || path.startsWith("/console/accounts/"))) return null;
  return { ...look, practiceName: readsAs?.practice.name };
}

/** The program with its hours as they are where the viewer works, reckoned once a day for each zone: clocks change. */
export function programTeller({ config: { program }, clock }: Parts) {
  const told = new Map<string, { day: string; program: typeof program }>();
  return (viewer: Viewer | undefined): typeof program => {
    const readIn = viewer?.practice?.timeZone ?? program.timeZone;
    if (readIn === program.timeZone) return program;
    const day = clock.today();
    const last = told.get(readIn);
    if (last?.day === day) return last.program;
    const hours = describeHours(program.opening, { timeZone: program.timeZone, readIn, at: clock.now() });
    told.set(readIn, { day, program: { ...program, hours } });
    return { ...program, hours };
  };
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
