/**
 * Which article each page links to: the first line that fits the path. `:x` stands for one part of it, `*` for the rest.
 */
const helpOf: readonly [path: string, slug: string][] = [
  ["/", "first-week"],
  ["/login", "forgot-password"],
  ["/login/code", "no-code"],
  ["/login/recovery", "recovery-codes"],
  ["/login/code/recovery", "recovery-codes"],
  ["/login/continue", "logged-out"],
  ["/login/*", "no-code"],
  ["/recover/*", "forgot-password"],
  ["/trouble", "browser-and-cookies"],
  ["/confirm/*", "no-code"],
  ["/status/*", "maintenance"],
  ["/invitations/*", "first-week"],
  ["/enroll/*", "register-a-practice"],
  ["/applications/link", "send-a-link"],
  ["/applications/new", "take-an-application"],
  ["/applications", "take-an-application"],
  ["/applications/*", "decisions"],
  ["/accounts", "find-an-account"],
  ["/accounts/:id", "find-an-account"],
  ["/accounts/:id/sale/*", "charge-a-sale"],
  ["/accounts/:id/*", "statements-and-promotions"],
  ["/transactions", "receipts"],
  ["/transactions/:id", "receipts"],
  ["/transactions/:id/refund/*", "refunds"],
  ["/transactions/*", "void-a-sale"],
  ["/reports/funding/*", "read-a-deposit"],
  ["/reports/*", "reports-and-exports"],
  ["/plans/*", "plans-explained"],
  ["/settings/factors/recovery-codes/*", "recovery-codes"],
  ["/settings/factors/*", "second-factor"],
  ["/settings/practice/*", "practice-details"],
  ["/settings/contact/*", "new-phone"],
  ["/settings/people/*", "people-and-roles"],
  ["/settings/log-ins/*", "logged-out"],
  ["/settings/*", "your-settings"],
  ["/resources/training/*", "training"],
  ["/resources/materials/*", "posters-and-cards"],
  ["/resources/orders/*", "posters-and-cards"],
  ["/resources/articles/*", "contact-support"],
  ["/resources", "first-week"],
  ["/support/*", "contact-support"],
  ["/console/payments/*", "console-payments"],
  ["/console/accounts/:id/payments/*", "console-payments"],
  ["/console/accounts/:id/credit-refund/*", "console-payments"],
  ["/console/applications/*", "console-applications"],
  ["/console/cases/*", "console-cases"],
  ["/console/chats/*", "console-cases"],
  ["/console/*", "console-look-up"],
  ["/admin/*", "run-the-program"],
];

const patterns = helpOf.map(([path, slug]) => {
  const inside = path.replace(/:\w+/g, "[^/]+").replace(/\/\*$/, "(/.*)?");
  return { slug, pattern: new RegExp(`^${inside}/?$`) };
});

/** The articles that pages link to. */
export const helpSlugs = [...new Set(helpOf.map(([, slug]) => slug))];

/** The article about a page; the way to reach support where a page has none of its own. */
export function helpFor(path: string): string {
  return patterns.find(({ pattern }) => pattern.test(path))?.slug ?? "contact-support";
}
