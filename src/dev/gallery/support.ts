import { randomUUIDv7 } from "node:crypto";
import type { Viewer } from "../../identity/viewer.ts";
import { describeHours, parseOpeningHours } from "../../lib/opening-hours.ts";
import type { PageData } from "../../platform/view.ts";
import { type Case, type CaseMessage, caseShelves } from "../../support/queries.ts";
import * as sample from "../samples.ts";

type Shown = { view: string; viewer: Viewer | null; data: PageData };

const shown = (view: string, title: string, viewer: Viewer | null, data: object): Shown => ({
  ...{ view: `support/${view}`, viewer },
  data: { page: { title }, errors: {}, ...data },
});

const id = "0197a000-0000-7000-8000-0000000000c1";
const about: Case = {
  ...{ id, number: 10_023, subject: "Deposit of November 20 is short", name: "Ruth Okafor" },
  ...{ email: "riverside.owner@example.com", personId: id, practiceId: id, practiceName: "Riverside Dental" },
  ...{ chatId: null, openedAt: sample.now, touchedAt: sample.now, waitsFor: "support" },
  ...{ agentId: null, agentName: null, closedAt: null },
};
const answered: Case = { ...about, number: 10_021, subject: "A new plan", waitsFor: "person", agentName: "Sam Ortega" };
const closed: Case = { ...about, number: 10_007, subject: "Printer", closedAt: sample.now };
const letters: CaseMessage[] = [
  {
    ...{ id, saidBy: "person", authorName: "Ruth Okafor", wasMasked: true, at: sample.now },
    body: "We expected $1,182.40 and got $1,081.20.\nThe patient’s number is •••-••-4321.",
  },
  {
    ...{ id, saidBy: "agent", authorName: "Sam Ortega", wasMasked: false, at: sample.now },
    body: "The refund of November 19 was taken off. I sent the lines by e-mail.",
  },
];
const hours = parseOpeningHours("Mon-Fri 08:00-20:00; Sat 09:00-17:00");
const zone = { timeZone: "America/New_York", readIn: "America/New_York", at: sample.now };
const contact = (viewer: Viewer | null, data: object = {}) =>
  shown("contact", "Support", viewer, {
    ...{ typed: { key: id }, cases: [], timeZone: zone.timeZone, zone: "Eastern", isStranger: !viewer },
    ...{ opening: { isOpen: true, changesAt: sample.now }, hours: hours && describeHours(hours, zone), ...data },
  });
const ownCase = (one: Case, data: object = {}) =>
  shown("case", `Case ${one.number}`, sample.owner, {
    ...{ about: one, messages: letters, form: { action: "#", key: id, typed: {} }, ...data },
  });
const agentCase = (one: Case, data: object = {}) =>
  shown("agent-case", `Case ${one.number}`, sample.support, {
    ...{ about: one, messages: letters, isMine: false, form: { key: randomUUIDv7(), typed: {} }, ...data },
  });
const agentCases = (shelf: string, cases: Case[]) =>
  shown("agent-cases", "Cases", sample.support, { shelf, shelves: caseShelves, cases });

/** Contact, cases and chats. */
export const supportPages: Record<string, Record<string, Shown>> = {
  contact: {
    stranger: contact(null),
    practice: contact(sample.owner, { cases: [about, answered] }),
    closed: contact(sample.clerk, { opening: { isOpen: false, changesAt: sample.now } }),
    wrong: contact(null, {
      errors: { name: "Enter your name", email: "Enter your e-mail address", message: "Write your message" },
    }),
  },
  cases: {
    some: shown("cases", "Your cases", sample.owner, { cases: [about, answered, closed] }),
    none: shown("cases", "Your cases", sample.owner, { cases: [] }),
    waiting: ownCase({ ...about }),
    closed: ownCase(closed),
    wrong: ownCase(about, { errors: { message: "Write your message" } }),
    "agent's list": agentCases("waiting", [about, answered, closed]),
    "agent's empty list": agentCases("mine", []),
    "agent's case": agentCase(about),
    "agent's closed case": agentCase({ ...closed, agentId: id, agentName: "Sam Ortega" }, { isMine: true }),
  },
};
