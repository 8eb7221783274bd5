import { randomUUIDv7 } from "node:crypto";
import type { Viewer } from "../../identity/viewer.ts";
import { describeHours, parseOpeningHours } from "../../lib/opening-hours.ts";
import type { PageData } from "../../platform/view.ts";
import type { Chat, ChatMessage } from "../../support/chat-queries.ts";
import { type Case, type CaseMessage, caseShelves } from "../../support/queries.ts";
import * as sample from "../samples.ts";

type Shown = { view: string; viewer: Viewer | null; data: PageData };

const shown = (view: string, title: string, viewer: Viewer | null, data: object): Shown => ({
  view: `support/${view}`,
  viewer,
  data: { page: { title }, errors: {}, ...data },
});

const id = "0197a000-0000-7000-8000-0000000000c1";
const about: Case = {
  id,
  number: 10_023,
  subject: "Deposit of November 20 is short",
  name: "Ruth Okafor",
  email: "riverside.owner@example.com",
  personId: id,
  practiceId: id,
  practiceName: "Riverside Dental",
  chatId: null,
  openedAt: sample.now,
  touchedAt: sample.now,
  waitsFor: "support",
  agentId: null,
  agentName: null,
  closedAt: null,
};
const answered: Case = { ...about, number: 10_021, subject: "A new plan", waitsFor: "person", agentName: "Sam Ortega" };
const closed: Case = { ...about, number: 10_007, subject: "Printer", closedAt: sample.now };
const letters: CaseMessage[] = [
  {
    id,
    saidBy: "person",
    authorName: "Ruth Okafor",
    wasMasked: true,
    at: sample.now,
    body: "We expected $1,182.40 and got $1,081.20.\nThe patient’s number is •••-••-4321.",
  },
  {
    id,
    saidBy: "agent",
    authorName: "Sam Ortega",
    wasMasked: false,
    at: sample.now,
    body: "The refund of November 19 was taken off. I sent the lines by e-mail.",
  },
];
const noted: CaseMessage = {
  id,
  saidBy: "note",
  authorName: "Sam Ortega",
  wasMasked: false,
  at: sample.now,
  body: "The lines are in the deposit of November 21.",
};
const hours = parseOpeningHours("Mon-Fri 08:00-20:00; Sat 09:00-17:00");
const zone = { timeZone: "America/New_York", readIn: "America/New_York", at: sample.now };
const contact = (viewer: Viewer | null, data: object = {}) =>
  shown("contact", "Support", viewer, {
    typed: { key: id },
    cases: [],
    timeZone: zone.timeZone,
    isStranger: !viewer,
    opening: { isOpen: true, changesAt: sample.now },
    hours: hours && describeHours(hours, zone),
    ...data,
  });
const ownCase = (one: Case, data: object = {}) =>
  shown("case", `Case ${one.number}`, sample.owner, {
    about: one,
    messages: letters,
    form: { action: "#", key: id, typed: {} },
    ...data,
  });
const agentCase = (one: Case, data: object = {}) =>
  shown("agent-case", `Case ${one.number}`, sample.support, {
    about: one,
    messages: [...letters, noted],
    agents: [{ id, name: "Ada Brandt" }],
    isMine: false,
    form: { key: randomUUIDv7(), typed: {} },
    ...data,
  });
const agentCases = (shelf: string, cases: Case[]) =>
  shown("agent-cases", "Cases", sample.support, { shelf, shelves: caseShelves, cases });

const chat: Chat = {
  id,
  personId: id,
  practiceId: id,
  practiceName: "Riverside Dental",
  timeZone: "America/Chicago",
  name: "Dana Whitley",
  email: "riverside.desk@example.com",
  beganAt: sample.now,
  seenAt: sample.now,
  agentId: null,
  agentName: null,
  endedAt: null,
  endedBecause: null,
  transcriptAt: null,
  lastSeq: 5,
  place: 2,
  caseNumber: null,
};
const waiting = { ...chat, waitsForAgent: true };
const talking: Chat = { ...chat, agentId: id, agentName: "Sam Ortega", place: null };
const ended: Chat = { ...talking, endedAt: sample.now, endedBecause: "agent" };
const unanswered: Chat = { ...chat, place: null, endedAt: sample.now, endedBecause: "unanswered", caseNumber: 10_023 };
const line = (seq: number, saidBy: ChatMessage["saidBy"], body: string): ChatMessage => ({
  seq,
  saidBy,
  body,
  wasMasked: seq === 4,
  at: sample.now,
  authorName: saidBy === "person" ? "Dana Whitley" : "Sam Ortega",
});
const lines = [
  line(1, "person", "A patient’s card is refused, and she stands here."),
  line(2, "portal", "Sam Ortega of support joined."),
  line(3, "agent", "I look at it now. What is the account’s last four?"),
  line(4, "person", "7751, her number is •••-••-4321"),
];
const note = line(5, "note", "For Ada Brandt: the limit was lowered yesterday, please look at why.");
const chatPage = (of: Chat, data: object = {}) =>
  shown("chat", "Chat with support", sample.clerk, {
    chat: of,
    messages: lines,
    base: "#",
    after: 5,
    form: { action: "#", key: id, typed: {} },
    ...data,
  });
const agentChat = (of: Chat, foot: string, data: object = {}) =>
  shown("agent-chat", `Chat with ${of.name}`, sample.support, {
    chat: of,
    messages: [...lines, note],
    agents: [{ id, name: "Ada Brandt" }],
    base: "#",
    after: 5,
    foot,
    form: { action: "#", key: id, typed: {}, takesNotes: true },
    ...data,
  });
const news = { chat: talking, now: sample.now, base: "#" };
const agentChats = (open: (Chat & { waitsForAgent: boolean })[], endedOnes: Chat[]) =>
  shown("agent-chats", "Chats", sample.support, { open, ended: endedOnes, now: sample.now, you: id });

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
    some: shown("cases", "Cases of your practice", sample.owner, { cases: [about, answered, closed] }),
    none: shown("cases", "Cases of your practice", sample.owner, { cases: [] }),
    waiting: ownCase({ ...about }),
    closed: ownCase(closed),
    wrong: ownCase(about, { errors: { message: "Write your message" } }),
    "agent's list": agentCases("waiting", [about, answered, closed]),
    "agent's empty list": agentCases("mine", []),
    "agent's case": agentCase(about),
    "agent's case, handed on wrongly": agentCase(about, { errors: { to: "Choose who takes over" } }),
    "agent's closed case": agentCase({ ...closed, agentId: id, agentName: "Sam Ortega" }, { isMine: true }),
  },
  chat: {
    waiting: chatPage(chat, { messages: lines.slice(0, 1) }),
    talking: chatPage(talking),
    ended: chatPage(ended),
    unanswered: chatPage(unanswered),
    wrong: chatPage(talking, { errors: { message: "Write a message" } }),
    news: shown("chat-news", "New messages", sample.clerk, { ...news, side: "person", messages: lines }),
    "agent's news": shown("chat-news", "New messages", sample.support, { ...news, side: "agent", messages: [note] }),
    "agent's list": agentChats(
      [{ ...talking, waitsForAgent: true }, waiting, { ...talking, agentId: randomUUIDv7(), waitsForAgent: false }],
      [ended, unanswered],
    ),
    "agent's empty list": agentChats([], []),
    "agent may join": agentChat(chat, "join"),
    "agent talks": agentChat(talking, "open"),
    "agent hands on wrongly": agentChat(talking, "open", { errors: { to: "Choose who takes over" } }),
    "another agent's": agentChat({ ...talking, agentName: "Ada Brandt" }, "theirs"),
    "agent's ended chat": agentChat(ended, "ended"),
  },
};
