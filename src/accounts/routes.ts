import { type Response, Router } from "express";
import { isRunning, standardId } from "../credit/account.ts";
import { clearingSteps } from "../credit/explain.ts";
import { may } from "../identity/permissions.ts";
import { practiceViewer, type Reader } from "../identity/viewer.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { typedIn, uuidIn } from "../platform/forms.ts";
import { accountPageQuestion } from "./account-page.ts";
import { explainMinimum, partsOfBalance } from "./balance-parts.ts";
import { explainBalance, explainStandard } from "./explain-balance.ts";
import { explainPayment } from "./explain-payment.ts";
import { findAccount, mostHits, searchAccounts } from "./queries.ts";
import { meterOf } from "./standing.ts";

/** Looking accounts up. */
export function accountRoutes(parts: { db: Db; clock: Clock }): Router {
  const router = Router();
  const { db, clock } = parts;

  router.get("/accounts", may("look up accounts"), async (req, res) => {
    // A whole SSN typed by habit finds nobody, and is not shown again.
    const q = (typedIn(req.query).q ?? "").slice(0, 100).replace(/^\s*\d{3}[- ]?\d{2}[- ]?(\d{4})\s*$/, "•••-••-$1");
    const found = await searchAccounts(db, practiceViewer(res), q);
    const page = { title: q ? `Accounts matching “${q}”` : "Accounts" };
    const data = { page, q, accounts: found.slice(0, mostHits), more: found.length > mostHits };
    res.locals.show("accounts/search", data, { fragment: "accounts/_hits" });
  });

  const tell = (res: Response, id: string) =>
    audit(db, res.locals.actor, { at: clock.now(), action: "account looked at", subjectId: id });
  const guards = [may("look up accounts")];
  router.use(accountPages(parts, { root: "", guards, viewerOf: practiceViewer, tell }));
  return router;
}

/** The pages of one account, for whoever may read it: the practice itself, or support as the practice. */
export function accountPages(
  { db, clock }: { db: Db; clock: Clock },
  { root, guards, viewerOf, tell }: Reader,
): Router {
  const router = Router();
  const onPage = accountPageQuestion(db);

  router.get(`${root}/accounts/:id`, ...guards, async (req, res) => {
    const viewer = viewerOf(res);
    const shown = await onPage(viewer, uuidIn(req.params.id), clock.today());
    const { account } = shown;
    await tell?.(res, account.id);
    const back = root ? { href: root, label: "Console" } : { href: "/accounts", label: "Accounts" };
    const page = { title: account.patientName, back };
    res.locals.show("accounts/account", { page, ...shown });
  });

  router.get(`${root}/accounts/:id/balance`, ...guards, async (req, res) => {
    const viewer = viewerOf(res);
    const account = await findAccount(db, viewer, uuidIn(req.params.id));
    const { sale, payment: paymentId } = typedIn(req.query);
    const back = { href: `${root}/accounts/${account.id}`, label: account.patientName };
    const page = { title: "How this balance came about", back };
    const today = clock.today();
    if (sale === standardId) {
      const found = await explainStandard(db, viewer, { account, today });
      res.locals.show("accounts/balance-standard", { page, account, ...found });
    } else if (sale) {
      const found = await explainBalance(db, viewer, { account, saleId: uuidIn(sale), today });
      const { balance, books } = found;
      const isMetered = balance.kind === "deferred" && isRunning(balance) && balance.balanceCents > 0;
      const meter = isMetered ? meterOf(books, balance, today) : null;
      const clearing = meter?.clearing ? clearingSteps(books, balance, meter.clearing) : [];
      res.locals.show("accounts/balance", { page, account, ...found, meter, clearing });
    } else if (paymentId) {
      const payment = await explainPayment(db, viewer, { account, paymentId: uuidIn(paymentId) });
      res.locals.show("accounts/payment", { page: { ...page, title: "Where this payment went" }, account, payment });
    } else {
      const [parts, minimum] = await Promise.all([partsOfBalance(db, viewer, account), explainMinimum(db, account)]);
      res.locals.show("accounts/balance-parts", { page, account, parts, minimum });
    }
  });

  return router;
}
