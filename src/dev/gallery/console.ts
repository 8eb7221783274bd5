import type { Person, PracticeSeen } from "../../console/queries.ts";
import { factorNames } from "../../identity/factors.ts";
import { type Suspension, suspensionCauses } from "../../identity/suspensions.ts";
import type { Viewer } from "../../identity/viewer.ts";
import type { Shown } from "../gallery.ts";
import * as sample from "../samples.ts";

const seenBy = (viewer: Viewer, view: string, title: string, data: object = {}): Shown => ({
  ...{ view: `console/${view}`, viewer },
  data: { page: { title, back: { href: "/console", label: "Console" } }, typed: {}, suspensionCauses, ...data },
});

const suspension: Suspension = {
  ...{ why: "policy", reason: "Sales keyed from two states at once", suspendedAt: sample.now },
  ...{ suspendedBy: "support.sam", practiceName: null },
};

const person = (given: Partial<Person> = {}, data: object = {}) =>
  seenBy(sample.administrator, "person", sample.person.name, {
    ...{ person: { ...sample.person, ...given }, factorNames, ...data },
  });

const seen: PracticeSeen = {
  ...{ id: sample.owner.practice?.id ?? "", name: "Riverside Dental", specialty: "Dentistry", state: "TX" },
  ...{ timeZone: "America/Chicago", phone: "5125550130", needsFactor: false, joinedAt: sample.now },
  ...{ suspension: null, locations: sample.locations, accounts: 60, lastSaleAt: sample.now },
  people: [
    { ...sample.person, lastSeenAt: sample.now },
    { ...sample.person, name: "Dana Whitley", userId: "riverside.desk", role: "clerk", lastSeenAt: null },
  ],
};
const practice = (given: Partial<PracticeSeen> = {}, data: object = {}) =>
  seenBy(sample.support, "practice", seen.name, { practice: { ...seen, ...given }, ...data });

/** The console's pages in their states. */
export const consolePages: Record<string, Record<string, Shown>> = {
  console: {
    empty: seenBy(sample.support, "search", "Console", { q: "", found: [] }),
    hits: seenBy(sample.support, "search", "Console", { q: "ruth", found: [sample.person] }),
    none: seenBy(sample.support, "search", "Console", { q: "rutth", found: [] }),
    person: person(),
    locked: person({ lock: { failures: 5, lockedUntil: sample.now, off: false }, logins: [], factors: [] }),
    suspended: person({ suspension, isSuspended: true }),
    wrong: person(
      { lock: { failures: 100, lockedUntil: null, off: true } },
      {
        errors: {
          reason: "Enter the reason: it stands in the audit log",
          checked: "Check who the person is first",
          why: "Choose why",
        },
      },
    ),
    practice: practice(),
    "practice suspended": practice({ suspension: { ...suspension, practiceName: seen.name } }),
  },
};
