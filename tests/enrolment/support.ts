import type { Browser, Filling, Page } from "../support/browser.ts";
import type { Portal } from "../support/portal.ts";

let owners = 0;

/** An owner nobody else is, with an address of their own. */
export function someOwner(): { name: string; email: string } {
  owners += 1;
  return { name: "Olive Owens", email: `olive.owens${owners}@example.com` };
}

let strangers = 0;

/** Somebody at an address of their own, for the limits are by address. The portal trusts one proxy to say so. */
export function strangerTo(portal: Portal): Browser {
  strangers += 1;
  return portal.browser({ headers: { "X-Forwarded-For": `198.51.${Math.floor(strangers / 200)}.${strangers % 200}` } });
}

export const answers = {
  practice: {
    "Legal name": "Cedar Grove Dental PLLC",
    "Name that patients know": "Cedar Grove Dental",
    Phone: "512-555-0170",
  },
  care: { "Kind of care": "Dentistry", State: "TX" },
  taxId: { "Tax ID": "74-1234567" },
  account: {
    "Name on the account": "Cedar Grove Dental PLLC",
    "Kind of account": "Checking",
    "Routing number": "111000025",
    "Account number": "000123456789",
    "The same number once more": "000123456789",
  },
  location: {
    "Name of the location": "Cedar Grove Main",
    "Street address": "5 Cedar St",
    City: "Austin",
    State: "TX",
    "ZIP code": "78701",
    Phone: "512-555-0170",
  },
} satisfies Record<string, Filling>;

/** Begins a registration, to its first page. */
export async function begin(browser: Browser, email: string): Promise<Page> {
  return (await browser.get("/enroll")).press("Begin", { "Owner’s e-mail": email });
}

/** Fills in every page, to the review. */
export async function fillIn(
  browser: Browser,
  owner: { name: string; email: string },
  given: { legalName?: string; taxId?: string } = {},
): Promise<Page> {
  let page = await begin(browser, owner.email);
  const { legalName = answers.practice["Legal name"], taxId = answers.taxId["Tax ID"] } = given;
  page = await page.press("Continue", {
    ...answers.practice,
    "Legal name": legalName,
    "Name that patients know": legalName,
  });
  page = await page.press("Continue", answers.care);
  page = await page.press("Continue", { "Tax ID": taxId });
  page = await page.press("Continue", answers.account);
  page = await page.press("Save location", answers.location);
  page = await page.press("Continue");
  return page.press("Continue", { "Full name": owner.name, "Mobile phone": "202-555-0177" });
}

export const signed = (name: string): Filling => ({
  "I may sign for this practice": true,
  "The program may pay deposits": true,
  "My typed name is my signature": true,
  Signature: name,
});

/** A whole registration, sent. Returns its id. */
export async function enroll(
  portal: Portal,
  given: { owner?: { name: string; email: string }; legalName?: string; taxId?: string } = {},
): Promise<{ id: string; browser: Browser; owner: { name: string; email: string } }> {
  const owner = given.owner ?? someOwner();
  const browser = strangerTo(portal);
  const page = await (await fillIn(browser, owner, given)).press("Send registration", signed(owner.name));
  if (page.path !== "/enroll/sent") throw new Error(`Not sent: ${page.text}`);
  const { id } = await portal.db("enrollments").where({ email: owner.email }).first("id");
  return { id, browser, owner };
}

/** The path of the newest link of a kind that was mailed to an address. */
export async function linkTo(
  portal: Portal,
  to: string,
  kind: "/enroll/resume/" | "/invitations/" | "/recover/password/",
): Promise<string> {
  const mail = (await portal.messages()).find((one) => one.to === to && one.text.includes(kind));
  return new RegExp(`${kind}[\\w-]+`).exec(mail?.text ?? "")?.[0] ?? "";
}
