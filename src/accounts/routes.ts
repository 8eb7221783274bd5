import { Router } from "express";
import { may } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { typedIn, uuidIn } from "../platform/forms.ts";
import { findAccount, mostHits, paymentsOf, promotionalBalancesOf, searchAccounts, transactionsOf } from "./queries.ts";

/** Looking accounts up. */
export function accountRoutes({ db, clock }: { db: Db; clock: Clock }): Router {
  const router = Router();

  router.get("/accounts", may("look up accounts"), async (req, res) => {
    const q = (typedIn(req.query).q ?? "").slice(0, 100);
    const found = await searchAccounts(db, practiceViewer(res), q);
    const page = { title: q ? `Accounts matching “${q}”` : "Accounts" };
    const data = { page, q, accounts: found.slice(0, mostHits), more: found.length > mostHits };
    res.locals.show("accounts/search", data, { fragment: "accounts/_hits" });
  });

  router.get("/accounts/:id", may("look up accounts"), async (req, res) => {
    const viewer = practiceViewer(res);
    const account = await findAccount(db, viewer, uuidIn(req.params.id));
    const [promotions, transactions, payments] = await Promise.all([
      promotionalBalancesOf(db, viewer, account, clock.today()),
      transactionsOf(db, viewer, account),
      paymentsOf(db, account),
    ]);
    const page = { title: account.patientName, back: { href: "/accounts", label: "Accounts" } };
    res.locals.show("accounts/account", { page, account, promotions, transactions, payments });
  });

  return router;
}
