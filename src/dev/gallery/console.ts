import type { Application } from "../../applications/queries.ts";
import { applicationStates } from "../../applications/states.ts";
import type { AuditLine } from "../../console/audit-queries.ts";
import type { Person, PracticeSeen } from "../../console/queries.ts";
import type { HitGroup } from "../../console/search.ts";
import type { StaffDay } from "../../dashboard/staff.ts";
import { factorNames } from "../../identity/factors.ts";
import { occasions } from "../../identity/looks.ts";
import { identityChecks } from "../../identity/reset-factors.ts";
import { type Suspension, suspensionCauses } from "../../identity/suspensions.ts";
import type { Viewer } from "../../identity/viewer.ts";
import * as sample from "../samples.ts";
import type { Shown } from "./shown.ts";

const seenBy = (viewer: Viewer, view: string, title: string, data: object = {}): Shown => ({
  view: `console/${view}`,
  viewer,
  data: { page: { title, back: { href: "/console", label: "Console" } }, typed: {}, suspensionCauses, ...data },
});

const suspension: Suspension = {
  why: "policy",
  reason: "Sales keyed from two states at once",
  suspendedAt: sample.now,
  suspendedBy: "support.sam",
  practiceName: null,
};

const person = (given: Partial<Person> = {}, data: object = {}) =>
  seenBy(sample.administrator, "person", sample.person.name, {
    person: { ...sample.person, ...given },
    factorNames,
    identityChecks,
    resetHours: 24,
    ...data,
  });

const seen: PracticeSeen = {
  id: sample.owner.practice?.id ?? "",
  name: "Riverside Dental",
  specialty: "Dentistry",
  state: "TX",
  timeZone: "America/Chicago",
  phone: "5125550130",
  needsFactor: false,
  joinedAt: sample.now,
  suspension: null,
  locations: sample.locations,
  accounts: 60,
  lastSaleAt: sample.now,
  people: [
    { ...sample.person, lastSeenAt: sample.now },
    { ...sample.person, name: "Dana Whitley", userId: "riverside.desk", role: "clerk", lastSeenAt: null },
  ],
};
const practice = (given: Partial<PracticeSeen> = {}, data: object = {}) =>
  seenBy(sample.support, "practice", seen.name, { practice: { ...seen, ...given }, ...data });

const application = (given: Partial<Application>, data: object = {}) =>
  seenBy(sample.support, "application", "Nadia Rahman", {
    states: applicationStates,
    application: { ...sample.application, ...given },
    ...data,
  });

const groups: HitGroup[] = [
  {
    heading: "People",
    more: false,
    hits: [
      {
        href: "#",
        name: "Ruth Okafor",
        note: "riverside.owner · Owner · Riverside Dental · r.okafor@example.com",
        badge: { text: "Suspended", kind: "bad" },
        isExact: true,
      },
    ],
  },
  {
    heading: "Patients’ accounts",
    more: true,
    hits: ["Ruth Alvarez", "Ruthann Baker"].map((name) => ({
      href: "#",
      name,
      note: "Account ending 4417 · Austin, TX",
      isExact: false,
      badge: { text: "Open", kind: "good" },
    })),
  },
];
const search = (q: string, found: HitGroup[] = []) =>
  seenBy(sample.support, "search", "Console", {
    q,
    groups: found,
    occasions,
    why: { occasion: "They called or wrote", reason: q && "Asks about a payment", caseNumber: "" },
  });
const reason = (data: object = {}) =>
  seenBy(sample.support, "reason", "Why do you look?", {
    typed: { kind: "account", subject: sample.ids.draft, to: "/console" },
    words: "this account",
    occasions,
    minutes: 15,
    ...data,
  });

const lines: AuditLine[] = [
  {
    id: sample.ids.draft,
    at: sample.now,
    who: "support.sam",
    whoId: sample.support.id,
    practiceName: null,
    action: "user suspended",
    subject: { words: "riverside.owner", href: "#" },
    address: "203.0.113.9",
    browser: "Firefox on Windows",
    details: [
      ["why", "policy"],
      ["reason", "Sales keyed from two states at once"],
    ],
  },
  {
    id: sample.ids.request,
    at: sample.now,
    who: "riverside.desk",
    whoId: sample.clerk.id,
    practiceName: "Riverside Dental",
    action: "sale recorded",
    subject: { words: sample.ids.draft, href: null },
    address: "203.0.113.9",
    browser: "",
    details: [["amount cents", "120000"]],
  },
];
const auditLog = (data: object = {}) =>
  seenBy(sample.administrator, "audit", "Audit log", {
    page: { title: "Audit log", wide: true },
    actions: ["sale recorded", "user suspended"],
    lines,
    older: sample.ids.draft,
    asked: "",
    isLater: false,
    ...data,
  });

/** The console's pages in their states. */
export const consolePages: Record<string, Record<string, Shown>> = {
  console: {
    empty: search(""),
    hits: search("ruth", groups),
    none: search("rutth"),
    person: person(),
    locked: person({ lock: { failures: 5, lockedUntil: sample.now, off: false }, logins: [], factors: [] }),
    "reset waits": person({
      reset: {
        askedBy: "support.sam",
        askedById: sample.support.id,
        askedAt: sample.now,
        dueAt: sample.now,
        checks: ["calledBack", "namedFigures"],
        reason: "Phone stolen",
        approvedBy: null,
      },
    }),
    suspended: person({ suspension, isSuspended: true }),
    wrong: person(
      { lock: { failures: 100, lockedUntil: null, off: true } },
      {
        errors: {
          reason: "Enter the reason: it stands in the audit log",
          checks: "Check at least two of these before you go on",
          why: "Choose why",
        },
      },
    ),
    reason: reason(),
    "no reason": reason({ errors: { reason: "Enter the reason: it stands in the audit log" } }),
    application: application({}),
    "application pending": application(sample.waitingForPatient),
    "application wrong": application(sample.waitingForPatient, {
      errors: { finding: "Choose what came of it", reason: "Enter the reason: it stands in the audit log" },
    }),
    "application offered": application({ state: "offered", account: null, byLink: true, lapsesOn: "2026-12-27" }),
    "application accepted": application({ byLink: true, acceptance: sample.acceptance }),
    "application withdrawn": application({ state: "withdrawn", account: null, limitCents: null }),
    "applications waiting": seenBy(sample.support, "applications", "Applications that wait", {
      states: applicationStates,
      applications: [
        { ...sample.application, ...sample.waitingForPatient, practiceName: "Riverside Dental", daysLeft: 30 },
      ],
    }),
    "no application waits": seenBy(sample.support, "applications", "Applications that wait", {
      states: applicationStates,
      applications: [],
    }),
    account: {
      view: "accounts/account",
      viewer: sample.support,
      data: {
        page: { title: "Maria Alvarez", back: { href: "/console", label: "Console" } },
        root: "/console",
        supportView: {
          practiceName: "Riverside Dental",
          occasion: "They called or wrote",
          caseNumber: "10023",
          reason: "Asks why the payment is not on the account",
        },
        account: sample.maria,
        promotions: sample.promotions,
        transactions: sample.accountTransactions,
        payments: sample.payments,
        statements: sample.statements,
        nextPayment: null,
        meters: sample.meters,
      },
    },
    "own log": {
      ...seenBy(sample.owner, "person", "Where support looked", {
        traces: [
          { at: sample.now, action: "user looked up", about: "You", by: "Sam Ortega" },
          { at: sample.now, action: "account looked at", about: "Account ending 4417", by: "Sam Ortega" },
        ],
      }),
      view: "identity/looks",
    },
    practice: practice(),
    audit: auditLog(),
    "no audit": auditLog({ lines: [], older: undefined, asked: "action=nothing" }),
    "audit wrong": auditLog({ lines: [], typed: { person: "rutth" }, errors: { person: "Nobody has that User ID." } }),
    "practice suspended": practice({ suspension: { ...suspension, practiceName: seen.name } }),
  },
};

const day = { applications: 2, chats: 1, cases: 3, ownCases: 2, enrollments: null, orders: null, resets: [] };
const staffDay = (viewer: Viewer, of: StaffDay): Shown => ({
  view: "dashboard/staff",
  viewer,
  data: { page: { title: "Dashboard", wide: true }, day: of },
});

/** The dashboard of the program's people. */
export const staffDays: Record<string, Shown> = {
  staff: staffDay(sample.support, day),
  administrator: staffDay(sample.administrator, {
    ...day,
    enrollments: 1,
    orders: 4,
    resets: [
      {
        personId: sample.owner.id,
        name: "Ruth Okafor",
        userId: "riverside.owner",
        dueAt: sample.now,
        isOwn: false,
      },
    ],
  }),
};
