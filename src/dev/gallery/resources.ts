import { planIds } from "../../credit/plans.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { states } from "../../lib/states.ts";
import { inWordsOf, toHtml } from "../../platform/markdown.ts";
import { articles, topics } from "../../resources/articles.ts";
import { languageNames, languages } from "../../resources/language.ts";
import { formats, type Material, makeOut, materials } from "../../resources/materials.ts";
import { nextOf, type Order, type OrderStatus } from "../../resources/orders.ts";
import { type Course, courses, neededToCharge, passMark } from "../../training/courses.ts";
import * as sample from "../samples.ts";
import type { Shown } from "./shown.ts";

const shown = (view: string, title: string, data: object = {}, viewer: Viewer | null = sample.owner): Shown => ({
  view,
  viewer,
  data: { page: { title, back: { href: "#", label: "Resources" } }, errors: {}, ...data },
});

const id = "0197a000-0000-7000-8000-0000000000d1";
const shelves = topics.map((topic) => ({ topic, articles: articles.filter((one) => one.topic === topic) }));
const listed = (data: object, viewer: Viewer | null = sample.owner) =>
  shown("resources/articles", "Support articles", { q: "", found: null, shelves, ...data }, viewer);
const found = articles.slice(0, 3).map(({ slug, title, summary }) => ({
  slug,
  title,
  excerptHtml: toHtml(summary)
    .replace(/<\/?p>|\n/g, "")
    .replace(/^\w+/, "<mark>$&</mark>"),
}));
const program = { name: "Caraway", phone: "(800) 555-0142", hours: "every day" };
const article = articles.find(({ slug }) => slug === "decisions");

const blank = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 612 792'/%3E";
const plans = planIds.map((planId) => ({ planId, leastCents: null, mostCents: null }));
const practice = { name: "Riverside Dental", phone: "5125550130" };
const material = (slug: string, data: object = {}): Shown => {
  const one = materials.find((each) => each.slug === slug) as Material;
  const given = { practice, plans, program, line: "", today: "2026-11-23" };
  const made = makeOut(one, { ...given, language: "en" });
  return shown("resources/material", made.title, {
    material: one,
    typed: { language: "en" },
    made,
    format: formats[one.layout],
    order: "#",
    languages: languages.map((language) => ({ value: language, label: languageNames[language] })),
    files: { pdf: "#", png: "#", picture: blank },
    ...data,
  });
};

const order = (status: OrderStatus): Order => ({
  id,
  practiceId: id,
  practiceName: "Riverside Dental",
  material: "poster-care-now",
  title: "Poster “Care now”",
  language: "en",
  line: "Open on Saturdays",
  copies: 25,
  recipient: "Dana Whitley",
  street: "410 Congress Ave",
  city: "Austin",
  state: "TX",
  zip: "78701",
  status,
  orderedAt: sample.now,
  steps: [{ status: "ordered", by: "Dana Whitley", at: sample.now }],
});
const orderForm = (data: object = {}) =>
  shown("resources/order-form", "Order printed copies", {
    material: materials[0],
    title: "Counter card",
    typed: { key: id, language: "en" },
    states,
    copies: ["10", "25", "50"],
    format: formats.counter,
    ...data,
  });

const course = courses[0] as Course;
const certificate = { id, course, rightAnswers: 9, earnedOn: "2026-11-23", validUntil: "2028-11-23" };
const questions = (data: object = {}) =>
  shown("training/questions", "Questions", {
    course,
    questions: course.questions,
    typed: { key: id },
    passMark,
    right: null,
    ...data,
  });
const standings = ["lapsing", "lapsed", "none"] as const;
const person = { id, name: "Dana Whitley", role: "clerk" };

export const resourcePages: Record<string, Record<string, Shown>> = {
  resources: {
    "its first page": shown("resources/resources", "Resources"),
    articles: listed({}),
    "articles for somebody who cannot log in": listed({}, null),
    "articles found": listed({ q: "refund", found }),
    "no article found": listed({ q: "xylophone", found: [] }),
    "an article": shown("resources/article", article?.title ?? "", {
      article,
      articleHtml: toHtml(inWordsOf(program, article?.markdown ?? "")),
      others: articles.slice(0, 2),
    }),
    materials: shown("resources/materials", "Marketing materials", {
      materials: materials.map(({ slug, layout }) => ({
        slug,
        title: slug,
        format: formats[layout],
        languages: ["English"],
      })),
    }),
    "a material": material("poster-care-now"),
    "a post": material("social-post"),
    "a line that may not be said": material("poster-care-now", {
      typed: { language: "en", line: "No interest!" },
      errors: { line: "“No interest” must have “if paid in full”." },
    }),
    order: orderForm(),
    "order, wrong": orderForm({ errors: { copies: "Choose how many", zip: "Enter a ZIP code of five digits" } }),
    orders: shown("resources/orders", "Orders", { orders: [order("ordered"), order("sent")] }),
    "no orders": shown("resources/orders", "Orders", { orders: [] }),
    "an order": shown("resources/order", "Order", { order: order("ordered") }),
    "orders of all": shown(
      ...(["resources/all-orders", "Orders of materials"] as const),
      { orders: [order("ordered"), order("printed"), order("sent")], nextOf },
      sample.administrator,
    ),
  },
  training: {
    courses: shown("training/training", "Training", {
      courses: courses.map((one, i) => ({ course: one, standing: standings[i], certificate: i < 2 && certificate })),
    }),
    "a course": shown("training/course", course.title, { course }),
    questions: questions(),
    "not passed": questions({ typed: { key: id, q1: "0" }, right: 7, errors: { q1: "Not right. It goes away." } }),
    passed: shown("training/certificate", "Certificate", {
      certificate,
      course,
      standing: "good",
      missed: course.questions.slice(0, 2),
    }),
    lapsed: shown("training/certificate", "Certificate", { certificate, course, standing: "lapsed", missed: [] }),
    people: shown("training/people", "Who is certified", {
      people: [{ ...person, courses: standings.map((standing, i) => ({ standing, until: i < 2 && "2026-12-17" })) }],
      courses,
      needed: true,
      neededToCharge,
    }),
    "training comes first": {
      ...shown("training/first", "Training comes first", { missing: neededToCharge }, sample.clerk),
      status: 403,
    },
  },
};
