/**
 * Which article each page links to: the first line that fits the path. `:x` stands for one part of it, `*` for the rest.
 */
const helpOf: readonly [path: string, slug: string][] = [
  ["/", "first-week"],
  ["/login", "forgot-password"],
  ["/login/code", "no-code"],
  ["/login/recovery", "recovery-codes"],
  ["/login/*", "no-code"],
  ["/recover/*", "forgot-password"],
  ["/trouble", "browser-and-cookies"],
  ["/confirm/*", "no-code"],
  ["/status/*", "maintenance"],
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
  ["/settings/password", "forgot-password"],
  ["/settings/factors/recovery-codes/*", "recovery-codes"],
  ["/settings/factors/*", "second-factor"],
  ["/settings/contact/*", "new-phone"],
  ["/settings/people/*", "people-and-roles"],
  ["/settings/log-ins/*", "logged-out"],
  ["/settings/*", "second-factor"],
  ["/resources/training/*", "training"],
  ["/resources/materials/*", "posters-and-cards"],
  ["/resources/orders/*", "posters-and-cards"],
  ["/resources/articles/*", "contact-support"],
  ["/resources", "first-week"],
  ["/admin/orders/*", "posters-and-cards"],
  ["/support/*", "contact-support"],
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
