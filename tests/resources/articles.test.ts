import { expect, test } from "vitest";
import { viewerFrame } from "../../src/navigation.ts";
import { toHtml, toText } from "../../src/platform/markdown.ts";
import { articles, findArticle, isForStaff, topics } from "../../src/resources/articles.ts";
import { helpFor, helpSlugs } from "../../src/resources/help-links.ts";
import { indexArticles } from "../../src/resources/search-articles.ts";
import { lookAt } from "../console/support.ts";
import { foundPractice, hireSam, logIn, openAccountFor, payOn, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { routesOf } from "../support/routes.ts";
import { writeToSupport } from "../support/writing.ts";
import { gradeOf, linksIn } from "./support.ts";

const portal = await openPortal();

test("somebody who cannot log in finds what to do: from the log-in to the article, with no log-in", async () => {
  const trouble = await (await portal.browser().get("/login")).click("Trouble logging in?");
  const locked = await trouble.click("My User ID is locked");
  expect(locked).toMatchObject({ status: 200, heading: "My User ID is locked" });
  expect(locked.text).toContain("locked for 5 minutes");
  expect(locked.text).toContain(portal.parts.config.program.phone);
  const all = await locked.click("Support articles");
  expect(all).toMatchObject({ status: 200, heading: "Support articles" });
  for (const article of articles) expect(all.links.includes(article.title)).toBe(!isForStaff(article));
  for (const topic of topics.slice(0, -1)) expect(all.text).toContain(topic);
});

test("what is for the program's people they alone find listed, and each of their pages leads to it", async () => {
  const desk = await logIn(portal, await hireSam(portal));
  const all = await desk.get("/resources/articles");
  const found = await desk.get("/resources/articles?q=bounced+check");
  for (const article of articles) expect(all.links).toContain(article.title);
  expect(found.links).toContain("Record a payment by hand");
  const practice = await foundPractice(portal);
  for (const browser of [portal.browser(), await logIn(portal, practice.alice)])
    expect((await browser.get("/resources/articles?q=bounced+check")).links).not.toContain("Record a payment by hand");
  expect(await (await desk.get("/console")).click("Help with this page")).toMatchObject({
    status: 200,
    heading: "Help somebody from the console",
  });
});

test("what the articles for the program's people say to press stands on the pages under that name", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  await sellTo(portal, practice, account);
  await payOn(portal, account, 40_000);
  const alice = await logIn(portal, practice.alice);
  const { id: caseId } = await writeToSupport(alice, { Subject: "Printer", Message: "It is off." });
  const desk = await logIn(portal, await hireSam(portal));
  const accountPage = await lookAt(desk, `/console/accounts/${account.id}`);
  const payments = await desk.get(`/console/accounts/${account.id}/payments`);
  const refund = await payments.click("Refund the credit");
  const supportCase = await lookAt(desk, `/console/cases/${caseId}`);
  for (const [slug, page, names] of [
    ["console-look-up", accountPage, ["How the patient is written to"]],
    ["console-payments", accountPage, ["Payments"]],
    ["console-payments", payments, ["Record a payment", "Return", "Refund the credit"]],
    ["console-payments", refund, ["Refund credit"]],
    ["console-cases", supportCase, ["Take", "Add as a note", "Hand on"]],
  ] as const) {
    const bold = [...(findArticle(slug)?.markdown.matchAll(/\*\*(.+?):?\*\*/g) ?? [])].map(([, name]) => name);
    const there = [...page.links, ...page.buttons].join("\n");
    for (const name of names)
      expect([slug, bold, there]).toEqual([
        slug,
        expect.arrayContaining([name]),
        expect.stringMatching(new RegExp(`^${name}\\b`, "m")),
      ]);
  }
  // Only a chat takes a note with the hand-over.
  expect(() => supportCase.sending("Hand on", { Note: "Ask about the cable" })).toThrow();
  expect(findArticle("console-cases")?.markdown).toMatch(
    /In a chat, type in \*\*Note\*\*.*In a case, add it as a note first/,
  );
});

test("a registration asks for the address that its article names", async () => {
  const start = await portal.browser().get("/enroll");
  expect(start.valueOf("Owner’s e-mail")).toBe("");
  expect(findArticle("register-a-practice")?.markdown).toContain("Type the owner’s e-mail address.");
});

/** Which pages lead to which article: a new page stands here once somebody has thought of what explains it. */
const pagesOf: Record<string, string> = {
  "browser-and-cookies": "/trouble",
  "charge-a-sale": "/accounts/:id/sale /accounts/:id/sale/:key",
  "console-applications": "/console/applications /console/applications/:id",
  "console-cases": `
    /console/cases /console/cases/:id /console/chats /console/chats/:id /console/chats/:id/news
    /console/chats/:id/stream
  `,
  "console-look-up": `
    /console /console/accounts/:id /console/accounts/:id/balance /console/accounts/:id/contact
    /console/accounts/:id/statements /console/accounts/:id/statements/:number
    /console/accounts/:id/statements/:number/figures /console/accounts/:id/statements/:number/pdf
    /console/people/:id /console/practices/:id /console/transactions/:id
  `,
  "console-payments": `
    /console/accounts/:id/credit-refund /console/accounts/:id/payments
    /console/accounts/:id/payments/:paymentId/return /console/accounts/:id/payments/new /console/payments
    /console/payments/:id
  `,
  "contact-support": `
    /resources/articles /resources/articles/:slug /support /support/cases /support/cases/:id /support/chats/:id
    /support/chats/:id/news /support/chats/:id/stream /support/letters/:id/:proof
  `,
  decisions: "/applications/:id /applications/:id/withdraw",
  "find-an-account": "/accounts /accounts/:id",
  "first-week": "/ /invitations/:token /resources",
  "forgot-password": "/login /recover /recover/code /recover/code/recovery /recover/password/:token /recover/sent",
  "logged-out": "/login/continue /settings/log-ins",
  maintenance: "/status",
  "new-phone": "/settings/contact/email /settings/contact/sms",
  "no-code": "/confirm /confirm/code /confirm/code/recovery /login/code",
  "people-and-roles": "/settings/people /settings/people/:id /settings/people/invitations/new",
  "posters-and-cards": `
    /resources/materials /resources/materials/:slug /resources/materials/:slug/order
    /resources/materials/:slug/pdf /resources/materials/:slug/png /resources/orders /resources/orders/:id
  `,
  "practice-details": `
    /settings/practice /settings/practice/deposit-account /settings/practice/details
    /settings/practice/locations/:id /settings/practice/locations/new /settings/practice/plans /settings/practice/plans/amounts
  `,
  "read-a-deposit": "/reports/funding",
  receipts: "/transactions /transactions/:id",
  "recovery-codes": "/login/code/recovery /settings/factors/recovery-codes /settings/factors/recovery-codes/new",
  refunds: "/transactions/:id/refund /transactions/:id/refund/:key",
  "register-a-practice": `
    /enroll /enroll/care /enroll/deposit-account /enroll/kept /enroll/locations /enroll/locations/:id
    /enroll/locations/new /enroll/owner /enroll/practice /enroll/resume /enroll/resume/:token
    /enroll/resume/sent /enroll/review /enroll/sent /enroll/tax-id
  `,
  "reports-and-exports": `
    /reports /reports/applications /reports/people /reports/plans /reports/promotions /reports/runs/:id
    /reports/runs/:id/file /reports/sales /reports/statement /reports/unused-credit
  `,
  "run-the-program": `
    /admin/audit /admin/enrollments /admin/enrollments/:id /admin/incidents /admin/incidents/:id
    /admin/incidents/new /admin/maintenance /admin/orders /admin/orders/:id/pdf /admin/staff /admin/staff/:id
    /admin/staff/invitations/new
  `,
  "second-factor": `
    /settings/factors /settings/factors/app /settings/factors/email /settings/factors/passkey
    /settings/factors/sms
  `,
  "send-a-link": "/applications/link",
  "statements-and-promotions": "/accounts/:id/balance",
  "take-an-application": "/applications /applications/new",
  training: `
    /resources/training /resources/training/:slug /resources/training/:slug/certificate
    /resources/training/:slug/certificate/pdf /resources/training/:slug/questions /resources/training/people
  `,
  "your-settings": "/settings /settings/looks /settings/password",
};

test("every page of the portal leads to the article about it", () => {
  const pages = routesOf(portal.app).filter(
    ({ method, path }) =>
      method === "GET" && !/^.(assets|healthz|readyz|metrics|dev|my-statement|apply)|[.](json|csv|xlsx)$/.test(path),
  );
  const expected = Object.entries(pagesOf).flatMap(([slug, paths]) =>
    paths
      .trim()
      .split(/\s+/)
      .map((path) => [path, slug]),
  );
  expect(pages.map(({ path }) => [path, helpFor(path)]).sort()).toEqual(expected.sort());
});

test.each([
  ["refund", "Refund a sale, in part or in full"],
  ["refunded", "Refund a sale, in part or in full"],
  ["give money back", "Refund a sale, in part or in full"],
  ["cant log in", "My User ID is locked"],
  ["username", "I forgot my User ID"],
  ["my phone was stolen", "I have a new phone or number"],
  ["cooki", "The page looks wrong or does not open"],
  ["why was the patient declined", "What the decisions mean"],
  ["deposit does not match", "Read a deposit"],
  ["open a new location", "Your practice’s locations, plans and bank account"],
  ["change my password", "Your own settings"],
  ["sign up", "Register your practice"],
  ["español", "Patients who speak Spanish"],
])("a search for “%s” finds “%s” among the first three", async (q, title) => {
  const page = await portal.browser().get(`/resources/articles?q=${encodeURIComponent(q)}`);
  expect(page.status).toBe(200);
  const found = page.links.filter((link) => articles.some((one) => one.title === link));
  expect(found.slice(0, 3)).toContain(title);
});

test("what is found shows the words marked, and nothing that was typed becomes part of the page", async () => {
  const page = await portal.browser().get("/resources/articles?q=refund");
  expect(page.html).toMatch(/<mark>refund(ed)?<\/mark>/i);
  const signs = `<script>alert(1)</script> refund ' " & | ! ( ) : * \\ %`;
  const strange = await portal.browser().get(`/resources/articles?q=${encodeURIComponent(signs)}`);
  expect(strange.status).toBe(200);
  expect(strange.html).not.toContain("<script>alert");
  for (const q of ["!", "&|", "the", "a".repeat(5_000), ":*", "'"]) {
    expect((await portal.browser().get(`/resources/articles?q=${encodeURIComponent(q)}`)).status).toBe(200);
  }
  const phone = await portal.browser().get("/resources/articles?q=hang+up+caller");
  expect(phone.html).not.toContain("{{");
  expect(phone.text).toContain(`call ${portal.parts.config.program.phone}`);
  const none = await portal.browser().get("/resources/articles?q=xylophone");
  expect(none.text).toContain("No article has these words");
});

test("what is for the program's people takes no place from what the others find", async () => {
  const q = articles
    .filter(isForStaff)
    .map(({ title }) => title)
    .join(" ");
  const found = (await portal.browser().get(`/resources/articles?q=${encodeURIComponent(q)}`)).links.filter((link) =>
    articles.some(({ title }) => title === link),
  );
  expect(found.length).toBe(12);
});

test("with HTMX the same address answers the list alone", async () => {
  const part = await portal.browser().get("/resources/articles?q=refund", { "HX-Request": "true" });
  expect(part.html).not.toContain("<html");
  expect(part.html).toContain("Refund a sale");
});

test("an article that is not there is not found", async () => {
  for (const slug of ["nothing", "..%2f..%2fapp", "__proto__"]) {
    expect((await portal.browser().get(`/resources/articles/${slug}`)).status).toBe(404);
  }
});

test("every page of the navigation has an article of its own, and its foot leads there", async () => {
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.alice);
  for (const { href } of viewerFrame(practice.alice.viewer, "/").nav) {
    const page = await browser.get(href);
    const article = await page.click("Help with this page");
    expect([href, article.status, article.path]).toEqual([href, 200, `/resources/articles/${helpFor(href)}`]);
    if (href !== "/support") expect([href, helpFor(href)]).not.toEqual([href, "contact-support"]);
  }
  expect(helpFor("/accounts/0198/sale/0199")).toBe("charge-a-sale");
  expect(helpFor("/transactions/0198/refund")).toBe("refunds");
  for (const slug of helpSlugs) expect([slug, findArticle(slug)?.slug]).toEqual([slug, slug]);
});

test("there are twenty articles and more, in plain language, and each link in them leads to a page that is there", async () => {
  expect(articles.length).toBeGreaterThanOrEqual(20);
  expect(new Set(articles.map(({ title }) => title)).size).toBe(articles.length);
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.alice);
  for (const { slug, summary, markdown } of articles) {
    expect([slug, toText(markdown).split(" ").length > 80]).toEqual([slug, true]);
    expect([slug, Math.round(gradeOf(`${summary}\n${markdown}`)) <= 8]).toEqual([slug, true]);
    expect(markdown).not.toMatch(/\{\{(?!program\.(name|phone|hours)\}\})/);
    for (const href of linksIn(markdown)) {
      const page = await browser.get(href);
      expect([slug, href, page.status]).toEqual([slug, href, 200]);
      expect([slug, href, page.path.startsWith("/login")]).toEqual([slug, href, false]);
    }
  }
});

test("a new version's articles replace the old ones in the index", async () => {
  await portal.db("articles").insert({ slug: "gone", title: "Abacus", summary: "", words: "", body: "" });
  await portal.db("articles").where({ slug: "locked" }).update({ title: "Old words" });
  await Promise.all([indexArticles(portal.db), indexArticles(portal.db)]);
  expect(await portal.db("articles").where({ slug: "gone" }).first()).toBeUndefined();
  expect(await portal.db("articles").where({ slug: "locked" }).first("title")).toEqual({
    title: "My User ID is locked",
  });
});

test("the words of an article stand in the search as on the page, without a gap before a comma", () => {
  expect(toText("Press **Refund**, then [Go on](/accounts).\n\nDone.")).toBe("Press Refund, then Go on. Done.");
});

test("HTML in Markdown is shown as words, and foreign addresses are not linked", () => {
  expect(toHtml("<b onclick=x>hi</b> there")).not.toContain("<b");
  expect(toHtml("<script>alert(1)</script>")).not.toContain("<script");
  expect(toHtml("[here](javascript:alert(1))")).not.toContain("href");
  expect(toHtml("[here](//evil.example)")).not.toContain("href");
  expect(toHtml("[here](/accounts)")).toContain('<a href="/accounts">here</a>');
  expect(toHtml("![x](https://a.example/p.png)")).not.toContain("<img");
});
