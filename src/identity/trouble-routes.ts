import { Router } from "express";
import type { Clock } from "../platform/clock.ts";
import { goTo } from "../platform/view.ts";
import { browserName } from "./logins.ts";

const testCookie = "works";

/** "Trouble logging in?": what the server can tell about a browser without any script, and how to begin afresh. */
export function troubleRoutes({ clock, secure }: { clock: Clock; secure: boolean }): Router {
  const router = Router();

  // The cookie is set by the first request and must come back with the second.
  router.get("/trouble", (req, res) => {
    const cookies = req.cookies?.[testCookie] === "yes";
    if (!cookies && req.query.checked === undefined) {
      res.cookie(testCookie, "yes", { httpOnly: true, sameSite: "lax", secure, path: "/trouble", maxAge: 600_000 });
      return res.redirect(303, "/trouble?checked");
    }
    const browser = browserName(req.get("user-agent") ?? "");
    const data = { cookies, browser, address: req.ip ?? "", now: clock.now() };
    res.locals.show("identity/trouble", {
      page: { title: "Trouble logging in?", back: { href: "/login", label: "Log in" } },
      ...data,
    });
  });

  router.post("/trouble/clearing", (_req, res) => {
    res.set("Clear-Site-Data", '"cache", "cookies", "storage"');
    for (const name of ["sid", "csrf", "device"])
      res.clearCookie(secure ? `__Host-${name}` : name, { path: "/", secure });
    goTo(res, "/login");
  });

  return router;
}
