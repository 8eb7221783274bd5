import { expect, test } from "vitest";
import { Browser } from "../support/browser.ts";
import { foundPractice, logIn, openAccountFor, reviewSaleOf } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const practice = await foundPractice(portal);
const account = await openAccountFor(portal, practice);

test("what a form did is said once on the page after it, without a row written for it", async () => {
  const bob = await logIn(portal, practice.bob);
  const review = await reviewSaleOf(bob, account, { Amount: "25" });
  const before = await portal.db("web_sessions").orderBy("sid_hash");
  const receipt = await review.press("Charge");
  expect(receipt.text).toContain("Charged: $25.00.");
  expect(await portal.db("web_sessions").orderBy("sid_hash")).toEqual(before);
  expect((await bob.get(receipt.path)).text).not.toContain("Charged: $25.00.");
});

test("it waits sealed, and only the log-in that left it can read it", async () => {
  const bob = await logIn(portal, practice.bob);
  const review = await reviewSaleOf(bob, account, { Amount: "26" });
  const sale = review.sending("Charge");
  const answer = await bob.ask("POST", sale.action, { fields: sale.fields });
  const [left = ""] = answer.setCookies.filter((cookie) => cookie.startsWith("notice="));
  expect(left).toMatch(/HttpOnly/);
  expect(left).not.toMatch(/26\.00|Charged/);
  const alice = await logIn(portal, practice.alice);
  for (const cookie of [left.split(";")[0] ?? "", "notice=made-up"]) {
    const cookies = `${alice.cookieHeader}; ${cookie}`.split("; ").map((each) => each.split("=") as [string, string]);
    const page = await new Browser(portal.server, { cookies }).get("/accounts");
    expect([page.status, page.html.includes("Charged")]).toEqual([200, false]);
  }
});
