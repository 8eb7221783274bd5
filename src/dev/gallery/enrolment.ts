import { defaultPlans, planLabel } from "../../credit/plans.ts";
import type { Enrollment } from "../../enrolment/queries.ts";
import { missingSteps, unfinished } from "../../enrolment/queries.ts";
import { agreement, type StepPath, steps } from "../../enrolment/steps.ts";
import { permissionsInWords, roleNames } from "../../identity/permissions.ts";
import { states } from "../../lib/states.ts";
import { timeZones } from "../../lib/time-zones.ts";
import type { Typed } from "../../platform/forms.ts";
import { kindsOfCare } from "../../practices/kinds-of-care.ts";
import * as sample from "../samples.ts";
import type { Shown } from "./shown.ts";

const location = {
  id: sample.ids.draft,
  name: "Cedar Grove Main",
  street: "5 Cedar St",
  city: "Austin",
  state: "TX",
  zip: "78701",
  phone: "5125550170",
};

const whole: Enrollment = {
  id: sample.ids.draft,
  reference: "EN-7QK4-2M9D",
  state: "filling",
  email: "olive.owens@example.com",
  answers: {
    practice: { legalName: "Cedar Grove Dental PLLC", knownAs: "Cedar Grove Dental", phone: "5125550170" },
    care: { specialty: "Dentistry", state: "TX", timeZone: "" },
    owner: { name: "Olive Owens", mobile: "2025550177", email: "olive.owens@example.com" },
    locations: [location, { ...location, id: sample.ids.request, name: "Cedar Grove East" }],
  },
  taxIdLast4: "4567",
  beganAt: sample.now,
  sentAt: null,
  signature: null,
  decidedAt: null,
  decidedBy: null,
  account: { holder: "Cedar Grove Dental PLLC", kind: "checking", routingNumber: "111000025", last4: "6789" },
  reason: null,
  practiceId: null,
  questions: [],
};
const sent: Enrollment = { ...whole, state: "waiting", sentAt: sample.now, signature: "Olive Owens" };
const question = {
  question: "Which license number does the practice have?",
  askedBy: "Ada Brandt",
  askedAt: sample.now,
  answer: null,
  answeredAt: null,
};

const outside = (view: string, title: string, data: object = {}): Shown => ({
  view: `enrolment/${view}`,
  viewer: null,
  data: { page: { title }, typed: {}, ...data },
});
const titles = Object.fromEntries(steps.map(({ path, title }) => [path, title]));
const step = (
  path: StepPath,
  given: { enrollment?: Enrollment; typed?: Typed; errors?: Record<string, string> } = {},
) => {
  const { enrollment = whole, ...data } = given;
  const at = steps.findIndex((one) => one.path === path);
  return outside(path, steps[at]?.title ?? "", {
    at,
    of: steps.length,
    enrollment,
    agreement,
    kindsOfCare,
    states,
    timeZones,
    titles,
    missing: missingSteps(enrollment),
    unfinished: unfinished(enrollment),
    ...data,
  });
};
const empty: Enrollment = { ...whole, answers: {}, taxIdLast4: null, account: null };
const halfChanged: Enrollment = {
  ...whole,
  answers: {
    ...whole.answers,
    halfTaxId: true,
    halfAccount: { holder: "Cedar Grove Dental PLLC", kind: "checking", routingNumber: "" },
    halfLocations: [
      { ...location, city: "" },
      { ...location, id: "new", name: "Cedar Grove West", zip: "" },
    ],
  },
};
const place = (typed: Typed, isNew: boolean, errors?: Record<string, string>) =>
  outside("location", isNew ? "Add a location" : "Change a location", {
    at: 4,
    of: steps.length,
    states,
    count: isNew ? 0 : 2,
    typed: { id: sample.ids.draft, ...typed },
    isNew,
    errors,
    page: { title: isNew ? "Add a location" : "Change a location", back: { href: "#", label: "Locations" } },
  });
const reviewed = (enrollment: Enrollment, data: object = {}): Shown => ({
  view: "enrolment/enrollment",
  viewer: sample.administrator,
  data: {
    page: { title: "Cedar Grove Dental", back: { href: "#", label: "Enrollments" } },
    enrollment,
    same: { practices: [], enrollments: [] },
    typed: { key: sample.ids.draft },
    ...data,
  },
});
const list = (state: Enrollment["state"], names: string[]): Shown => ({
  view: "enrolment/list",
  viewer: sample.administrator,
  data: {
    page: { title: "Enrollments" },
    filter: { state },
    counts: { [state]: names.length },
    enrollments: names.map((name) => ({
      id: sample.ids.draft,
      reference: "EN-7QK4-2M9D",
      state,
      name,
      specialty: name && "Dentistry",
      practiceState: name && "TX",
      changedAt: sample.now,
    })),
  },
});
const invitation = (own: object, errors?: Record<string, string>): Shown => ({
  view: "identity/invitation",
  viewer: null,
  data: {
    page: { title: "Welcome" },
    token: "token",
    typed: { userId: "d.whitley" },
    errors,
    role: { name: roleNames.clerk, may: permissionsInWords("clerk") },
    invitation: {
      id: sample.ids.draft,
      practiceName: "Riverside Dental",
      name: "Dana Whitley",
      role: "clerk",
      email: "dana@example.com",
      userId: null,
      ...own,
    },
  },
});

const invited = {
  id: sample.ids.draft,
  name: "Nico Alba",
  email: "nico.alba@example.com",
  role: "clerk",
  sentAt: sample.now,
  expiresAt: new Date(sample.now.getTime() + 7 * 86_400_000),
  personId: null,
};
const dana = {
  id: sample.ids.draft,
  userId: "riverside.desk",
  name: "Dana Whitley",
  email: "dana@example.com",
  role: "clerk",
  phone: "2025550112",
  lastSeenAt: sample.now,
  hasFactor: false,
  removedAt: null,
};
const people = (view: string, title: string, data: object): Shown => ({
  view: `identity/${view}`,
  viewer: sample.owner,
  data: {
    page: { title, back: { href: "#", label: "Settings" } },
    base: "/settings/people",
    now: sample.now,
    roleNames,
    invitations: [],
    removed: [],
    people: sample.people,
    everybody: false,
    isOwn: false,
    person: dana,
    typed: { key: sample.ids.draft, role: "clerk" },
    places: sample.locations,
    ...data,
    roleChoices: (["clerk", "biller", "owner"] as const).map((role) => ({
      value: role,
      label: roleNames[role],
      hint: permissionsInWords(role),
    })),
  },
});

const practice = (view: string, title: string, data: object = {}): Shown => ({
  view: `enrolment/${view}`,
  viewer: sample.owner,
  data: {
    page: { title, back: { href: "#", label: "Practice" } },
    practice: {
      name: "Riverside Dental",
      phone: "5125550130",
      specialty: "Dentistry",
      state: "TX",
      legalName: "Riverside Dental PLLC",
      taxIdLast4: "4567",
    },
    locations: sample.locations,
    account: { last4: "6230", kind: "checking", since: sample.now },
    states,
    plans: ["Standard account", "No interest if paid in full within 12 months", "Reduced APR, 24 months"],
    typed: { key: sample.ids.draft, name: "Riverside Dental", phone: "5125550130" },
    locationId: sample.ids.draft,
    ...data,
  },
});
const offered = defaultPlans.map((plan) => ({
  ...plan,
  label: planLabel(plan),
  isOffered: plan.kind !== "deferred",
  law: plan.kind === "deferred" ? "Cal. Bus. & Prof. Code § 654.3" : null,
}));

/** Registering a practice, and its review, in their states. */
export const enrolmentPages: Record<string, Record<string, Shown>> = {
  "register a practice": {
    start: outside("start", "Register your practice", { begun: null }),
    begun: outside("start", "Register your practice", { begun: whole }),
    "go on": outside("resume", "Go on with a registration", { sent: false }),
    "link sent": outside("resume", "Check your e-mail", { sent: true }),
    "by link": outside("come-back", "Go on with your registration", { token: "token", works: true }),
    "dead link": outside("come-back", "Go on with your registration", { token: "token", works: false }),
    practice: step("practice", { typed: whole.answers.practice ?? {} }),
    "practice wrong": step("practice", {
      errors: { legalName: "Enter the legal name of the practice", phone: "Enter a phone number of ten digits" },
    }),
    care: step("care"),
    "tax id": step("tax-id", { enrollment: empty }),
    "tax id kept": step("tax-id"),
    "deposit account": step("deposit-account", { enrollment: empty }),
    "deposit account wrong": step("deposit-account", {
      enrollment: empty,
      typed: { holder: "Cedar Grove Dental PLLC", routingNumber: "111000026" },
      errors: {
        routingNumber: "That is no bank’s routing number. Check each digit on a check.",
        accountAgain: "The two account numbers differ. Type both again.",
      },
    }),
    "deposit account kept": step("deposit-account", { typed: { holder: "Cedar Grove Dental PLLC", kind: "checking" } }),
    locations: step("locations"),
    "location begun": step("locations", { enrollment: halfChanged }),
    "first location": place({ state: "TX" }, true),
    "location wrong": place(location, false, { zip: "Enter a ZIP code of five digits" }),
    owner: step("owner", { typed: whole.answers.owner ?? {} }),
    review: step("review"),
    "review with gaps": step("review", { enrollment: empty }),
    "review with halves": step("review", { enrollment: halfChanged }),
    "review unsigned": step("review", {
      errors: { agreeTrue: "Say that you may sign and that all of this is true", signature: "Type your name to sign" },
    }),
    "review asked": step("review", { enrollment: { ...whole, state: "asked", questions: [question] } }),
    kept: outside("kept", "Kept", { enrollment: whole, next: "#" }),
    "kept with halves": outside("kept", "Kept", { enrollment: halfChanged, next: "#" }),
    sent: outside("sent", "Your registration", { enrollment: sent }),
    approved: outside("sent", "Your registration", { enrollment: { ...sent, state: "approved" } }),
    declined: outside("sent", "Your registration", {
      enrollment: { ...sent, state: "declined", reason: "The license of the practice has lapsed." },
    }),
  },
  enrollments: {
    waiting: list("waiting", ["Cedar Grove Dental", "Alder Eye Care"]),
    "being filled in": list("filling", ["", "Alder Eye Care"]),
    none: list("waiting", []),
    one: reviewed(sent),
    "tax ID twice": reviewed(sent, { same: { practices: ["Cedar Dental"], enrollments: [sent] } }),
    asked: reviewed({ ...sent, state: "asked", questions: [question] }),
    approved: reviewed({ ...sent, state: "approved", decidedAt: sample.now, decidedBy: "Ada Brandt" }),
    wrong: reviewed(sent, {
      errors: {
        checked: "Say that you checked the practice, its license and its owner",
        question: "Write what the applicant should answer",
        reason: "Write the reason: the applicant reads it",
      },
    }),
  },
  invitation: {
    person: invitation({}),
    "first password": invitation({ userId: "cedar.owner" }),
    wrong: invitation(
      {},
      { userId: "That User ID is taken. Choose another one.", newPassword: "Enter a new password" },
    ),
    dead: { view: "identity/invitation-dead", viewer: null, data: { page: { title: "This link no longer works" } } },
  },
  people: {
    all: people("people", "People", {}),
    "invited and removed": people("people", "People", {
      invitations: [invited, { ...invited, name: "Late Comer", expiresAt: sample.now }],
      removed: [{ ...dana, removedAt: sample.now }],
    }),
    invite: people("invite", "Invite a person", {}),
    "invite wrong": people("invite", "Invite a person", {
      errors: { name: "Enter the name", email: "There is an open invitation for this address.", role: "Choose a role" },
    }),
    person: people("person", "Dana Whitley", {}),
    oneself: people("person", "Ruth Okafor", { isOwn: true }),
    removed: people("person", "Dana Whitley", { person: { ...dana, removedAt: sample.now } }),
    "last owner": people("person", "Dana Whitley", { errors: { form: "Somebody has to remain an owner." } }),
  },
  staff: {
    all: {
      ...people("staff", "Staff", { base: "/admin/staff", invitations: [invited] }),
      viewer: sample.administrator,
    },
  },
  "practice profile": {
    all: practice("profile", "Practice"),
    "no account": practice("profile", "Practice", { account: null, locations: sample.locations.slice(0, 1) }),
    "last location": practice("profile", "Practice", {
      errors: { form: "A practice has at least one location. Add another one first." },
    }),
    details: practice("profile-details", "Name and phone"),
    location: practice("profile-location", "Change a location", { isNew: false, typed: location }),
    plans: practice("profile-plans", "Plans you offer", { plans: offered }),
    "no plan": practice("profile-plans", "Plans you offer", {
      plans: offered,
      errors: { form: "Offer at least one plan." },
    }),
    amounts: practice("profile-amounts", "Amounts for each plan", { plans: offered }),
    "amounts wrong": practice("profile-amounts", "Amounts for each plan", {
      plans: offered,
      typed: { [`${offered[1]?.id}-least`]: "100.00" },
      errors: {
        [`${offered[1]?.id}-least`]: "The plan takes sales of $200.00 or more. Enter that or a larger amount.",
      },
    }),
    account: practice("profile-account", "Deposit account"),
    "account wrong": practice("profile-account", "Deposit account", {
      errors: { accountAgain: "The two account numbers differ. Type both again." },
    }),
  },
};
