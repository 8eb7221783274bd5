import type { Viewer } from "../../identity/viewer.ts";
import type { Plan } from "../../platform/maintenance.ts";
import { currentWords, plannedWords } from "../../platform/maintenance-words.ts";
import { historyOf } from "../../status/history.ts";
import type { Measured } from "../../status/measure.ts";
import { type Incident, stages } from "../../status/queries.ts";
import { stageWords, stateWords } from "../../status/words.ts";
import * as sample from "../samples.ts";
import type { Shown } from "./shown.ts";

const zone = "America/New_York";
const at = (text: string) => new Date(`${text}:00-05:00`);
const plan = (mode: Plan["mode"]): Plan => ({
  number: 1,
  mode,
  message: "We move to a larger database.",
  savedAt: sample.now,
  startsAt: at("2026-11-24T01:00"),
  endsAt: at("2026-11-24T03:00"),
});
const seenBy = (viewer: Viewer | null, view: string, title: string, data: object = {}): Shown => ({
  view,
  viewer,
  data: { page: { title }, ...data },
});

// Maintenance: the form of administrators, and what people meet.

const typed = {
  mode: "full",
  message: "We move to a larger database.",
  starts: "11/24/2026 1:00 AM",
  ends: "",
  seen: "1",
};
const form = (data: object = {}, viewer = sample.administrator) =>
  seenBy(viewer, "admin/maintenance", "Maintenance", {
    state: null,
    typed: { ...typed, mode: "off" },
    now: sample.now,
    ...data,
  });
const refused = (mode: "read-only" | "full", viewer: Viewer | null, fields?: Record<string, string>): Shown => ({
  ...seenBy(viewer, "errors/maintenance", mode === "full" ? "Closed for maintenance" : "Not during maintenance", {
    words: currentWords(plan(mode), zone),
    isFull: mode === "full",
    requestId: sample.ids.request,
    form: fields && { path: "/accounts", fields },
    maintenance: null,
  }),
  status: 503,
});

// The status page and its incidents.

const incident: Incident = {
  id: sample.ids.draft,
  title: "Codes by text message are late",
  parts: ["sms", "login"],
  beganAt: at("2026-11-22T09:12"),
  resolvedAt: null,
  updates: [
    { at: at("2026-11-22T09:40"), stage: "identified", body: "One carrier has a broken line." },
    { at: at("2026-11-22T09:12"), stage: "investigating", body: "We see delays.\nUse e-mail or an authenticator app." },
  ],
};
const resolved: Incident = {
  ...incident,
  title: "The portal was slow",
  parts: ["pages"],
  resolvedAt: at("2026-11-20T10:00"),
  updates: [{ at: at("2026-11-20T10:00"), stage: "resolved", body: "It is as quick as before." }],
};
const labels = { pages: "Pages of the portal", database: "Database", login: "Logging in", sms: "Text messages" };
const days = [
  { part: "sms", day: "2026-11-20", worksSeconds: 84_600, slowSeconds: 0, downSeconds: 1_800 },
  { part: "sms", day: "2026-11-22", worksSeconds: 80_000, slowSeconds: 6_400, downSeconds: 0 },
  { part: "sms", day: "2026-11-23", worksSeconds: 36_000, slowSeconds: 0, downSeconds: 0 },
];
const part = ([id, label]: [string, string], state: Measured) => ({
  id,
  label,
  state,
  since: at("2026-11-23T09:00"),
  ...stateWords[state],
  history: historyOf({ days }, id, "2026-11-23"),
});
const status = (state: Measured, data: object = {}) =>
  seenBy(null, "status/status", "Status", {
    parts: Object.entries(labels).map((each) => part(each, state)),
    daysTold: 90,
    now: sample.now,
    labels,
    stageWords,
    measuredAt: sample.now,
    readAt: sample.now,
    isSilent: false,
    maintenance: null,
    summary: { kind: "success", text: "Everything works." },
    current: null,
    planned: null,
    open: [],
    happened: [],
    past: [],
    ...data,
  });
const stageOptions = stages.map((value) => ({ value, label: stageWords[value] }));
const report = (data: object = {}) =>
  seenBy(sample.administrator, "status/report", "Report an incident", {
    parts: Object.entries(labels).map(([id, label]) => ({ id, label })),
    stages: stageOptions,
    typed: { key: sample.ids.draft, stage: "investigating" },
    ...data,
  });
const one = (of: Incident, viewer: Viewer, data: object = {}) =>
  seenBy(viewer, "status/incident", of.title, {
    incident: of,
    labels,
    stages: stageOptions,
    stageWords,
    typed: { key: sample.ids.draft, stage: "identified" },
    ...data,
  });
const incidents = (list: Incident[]) =>
  seenBy(sample.administrator, "status/incidents", "Incidents", { incidents: list, stageWords });

/** Maintenance, the status page and incidents in their states. */
export const operationsPages: Record<string, Record<string, Shown>> = {
  maintenance: {
    off: form(),
    planned: form({ state: plannedWords(plan("full"), zone), typed }),
    wrong: form({ typed, errors: { starts: "That time is over. Enter a later one, or leave it empty to start now." } }),
    support: form({ state: currentWords(plan("read-only"), zone) }, sample.support),
    banner: {
      ...seenBy(null, "identity/log-in", "Log in", { userId: "", maintenance: plannedWords(plan("full"), zone) }),
    },
    "read-only": refused("read-only", sample.clerk, { amount: "120.00" }),
    closed: refused("full", null),
    "closed inside": refused("full", sample.clerk),
  },
  status: {
    works: status("works"),
    trouble: status("slow", {
      summary: { kind: "warning", text: "Something does not work as it should: read below what we know." },
      open: [incident],
      happened: [resolved],
      planned: plannedWords(plan("full"), zone),
      past: [{ mode: "full", message: "New disks.", beganAt: at("2026-11-10T01:00"), endedAt: at("2026-11-10T02:00") }],
    }),
    "database away": status("unknown", {
      summary: { kind: "danger", text: "Not working at the moment: Database." },
      isSilent: true,
    }),
    maintenance: status("works", {
      summary: { kind: "warning", text: "Maintenance is under way." },
      current: currentWords(plan("full"), zone),
    }),
  },
  incidents: {
    none: incidents([]),
    some: incidents([incident, resolved]),
    report: report(),
    "report wrong": report({ errors: { title: "Say in a few words what does not work" } }),
    one: one(incident, sample.administrator),
    "one wrong": one(incident, sample.administrator, { errors: { body: "Write what people should know" } }),
    "for support": one(resolved, sample.support),
  },
};
