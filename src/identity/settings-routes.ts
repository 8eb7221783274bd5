import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { Declined, declinedOrThrow } from "../platform/errors.ts";
import { line, readForm, typedIn, typedPassword, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import type { FactorPolicy } from "./factor-policy.ts";
import { factorNames, factorsOf } from "./factors.ts";
import type { LogInParts } from "./log-in.ts";
import { browserName, loginsOf, logOut } from "./logins.ts";
import { supportTraces } from "./looks.ts";
import * as own from "./own-settings.ts";
import { madePasskey, passkeyToMake } from "./passkeys.ts";
import { may } from "./permissions.ts";
import { freshlyProved } from "./viewer.ts";
import { endSession, saveSession } from "./web-session.ts";

const passwordForm = z.object({
  password: typedPassword("Enter your password now"),
  newPassword: typedPassword("Enter a new password"),
});
const code = line("Enter the six digits of the code", 20);
const contactForms = {
  email: z.object({
    to: z
      .string()
      .trim()
      .pipe(z.email({ error: "Enter an e-mail address like name@example.com" }).max(254)),
  }),
  sms: z.object({
    to: z
      .string()
      .transform((text) => text.replace(/\D/g, "").slice(-10))
      .pipe(z.string().regex(/^\d{10}$/, { error: "Enter a mobile number of ten digits" })),
  }),
};

/** What is under way between two requests (a secret to confirm, an address to prove): sealed, as the session may lie in Redis. */
type Pending =
  | { for: "totp"; secret: string }
  | { for: "passkey"; challenge: string }
  | { for: "codes"; codes: string[] }
  | { for: "contact" | "factor"; kind: "email" | "sms"; to: string; id: string };

/** A person's own settings: password, second factors, e-mail and phone, log-ins. */
export function settingsRoutes(parts: LogInParts & { policy: FactorPolicy }): Router {
  const router = Router();
  const { db, clock, vault, site } = parts;
  const mine = may("change own settings");
  const fresh = freshlyProved(clock);
  const back = { href: "/settings", label: "Settings" };

  const keep = async (req: Request, pending: Pending) => {
    req.session.pending = vault.seal(JSON.stringify(pending), "pending").toString("base64");
    await saveSession(req);
  };
  const pendingOf = <What extends Pending["for"]>(req: Request, what: What): Extract<Pending, { for: What }> => {
    const kept = req.session.pending
      ? JSON.parse(vault.open(Buffer.from(req.session.pending, "base64"), "pending"))
      : null;
    if (kept?.for !== what) throw new Declined({ form: "That took too long. Begin again." });
    return kept;
  };

  router.get("/settings", mine, async (_req, res) => {
    const { viewer } = res.locals;
    const person = await db("users").where({ id: viewer.id }).first("email", "phone");
    const factors = await factorsOf(db, viewer.id);
    const logins = (await loginsOf(parts, viewer.id)).filter((login) => login.open).length;
    res.locals.show("identity/settings", { page: { title: "Settings" }, person, factors, factorNames, logins });
  });

  // Password

  router.get("/settings/password", mine, fresh, (_req, res) =>
    res.locals.show("identity/password", { page: { title: "Change password", back } }),
  );
  router.post("/settings/password", mine, fresh, async (req, res) => {
    try {
      await own.changePassword(parts, res.locals.viewer, readForm(passwordForm, req.body));
      goTo(res, "/settings", "Your password is changed, and your other log-ins were ended.");
    } catch (error) {
      const data = { page: { title: "Change password", back }, errors: declinedOrThrow(error) };
      res.locals.show("identity/password", data);
    }
  });

  // Second factors

  const showFactors = async (res: Response, errors?: Record<string, string>) => {
    const { viewer } = res.locals;
    const [factors, counted] = await Promise.all([
      factorsOf(db, viewer.id),
      db("recovery_codes").where({ user_id: viewer.id }).whereNull("used_at").count().first(),
    ]);
    const data = { factors, factorNames, codesLeft: Number(counted?.count), mustAdd: viewer.mustAddFactor };
    const page = { title: "Second factors", ...(!viewer.mustAddFactor && { back }) };
    res.locals.show("identity/factors", { page, ...data, errors });
  };
  router.get("/settings/factors", mine, (_req, res) => showFactors(res));

  router.post("/settings/factors/:id/removal", mine, fresh, async (req, res) => {
    try {
      await own.removeFactor(parts, res.locals.viewer, uuidIn(req.params.id));
      goTo(res, "/settings/factors", "It is removed.");
    } catch (error) {
      await showFactors(res, declinedOrThrow(error));
    }
  });

  const factorsBack = { href: "/settings/factors", label: "Second factors" };

  const showApp = async (res: Response, secret: string, errors?: Record<string, string>) => {
    const issuer = encodeURIComponent(site.name);
    const uri = `otpauth://totp/${issuer}:${encodeURIComponent(res.locals.viewer.userId)}?secret=${secret}&issuer=${issuer}`;
    const { toString: qrCode } = await import("qrcode"); // 57 modules, and seldom needed
    const picture = await qrCode(uri, { type: "svg", margin: 2 });
    const page = { title: "Add an authenticator app", back: factorsBack };
    const data = { page, picture, secret: secret.replace(/(.{4})(?=.)/g, "$1 "), errors };
    res.locals.show("identity/add-app", data);
  };
  router.get("/settings/factors/app", mine, fresh, async (req, res) => {
    const secret = own.newTotpSecret();
    await keep(req, { for: "totp", secret });
    await showApp(res, secret);
  });
  router.post("/settings/factors/app", mine, fresh, async (req, res) => {
    const { secret } = pendingOf(req, "totp");
    try {
      await own.addTotp(parts, res.locals.viewer, {
        secret,
        ...readForm(z.object({ code }), req.body),
      });
      delete req.session.pending;
      goTo(res, "/settings/factors", "It is added. Print recovery codes for the day you lose it.");
    } catch (error) {
      await showApp(res, secret, declinedOrThrow(error));
    }
  });

  const showPasskey = async (req: Request, res: Response, errors?: Record<string, string>) => {
    const { id, userId, name } = res.locals.viewer;
    const options = await passkeyToMake(parts, { id, userId, name });
    await keep(req, { for: "passkey", challenge: options.challenge });
    const page = { title: "Add a passkey", back: factorsBack };
    const elsewhere = req.get("host") === new URL(site.origin).host ? null : site.origin;
    const data = { page, options: JSON.stringify(options), elsewhere, errors };
    res.locals.show("identity/add-passkey", data);
  };
  router.get("/settings/factors/passkey", mine, fresh, (req, res) => showPasskey(req, res));
  router.post("/settings/factors/passkey", mine, fresh, async (req, res) => {
    try {
      const { challenge } = pendingOf(req, "passkey");
      const answer = JSON.parse(typedIn(req.body).passkey || "null");
      if (!answer) throw new Declined({ form: "The browser made no passkey. Try again." });
      const label = browserName(req.get("user-agent") ?? "");
      const passkey = await madePasskey(site, challenge, answer);
      await own.addPasskey(parts, res.locals.viewer, { label, passkey });
      delete req.session.pending;
      goTo(res, "/settings/factors", "It is added. Print recovery codes for the day you lose it.");
    } catch (error) {
      if (error instanceof SyntaxError)
        return showPasskey(req, res, { form: "The browser made no passkey. Try again." });
      await showPasskey(req, res, declinedOrThrow(error));
    }
  });

  const codesPage = { title: "Recovery codes", back: factorsBack };
  router.get("/settings/factors/recovery-codes", mine, fresh, (_req, res) =>
    res.locals.show("identity/recovery-codes", { page: codesPage, codes: null }),
  );
  router.post("/settings/factors/recovery-codes", mine, fresh, async (req, res) => {
    const codes = await own.newRecoveryCodes(parts, res.locals.viewer);
    await keep(req, { for: "codes", codes });
    goTo(res, "/settings/factors/recovery-codes/new");
  });
  // A page of its own, so that a reload shows the same codes and makes no others.
  router.get("/settings/factors/recovery-codes/new", mine, fresh, (req, res) =>
    res.locals.show("identity/recovery-codes", { page: codesPage, codes: pendingOf(req, "codes").codes }),
  );

  // E-mail and phone, as an address and as a second factor: a code sent there proves it.

  const showAddress = (
    res: Response,
    given: {
      what: "contact" | "factor";
      kind: "email" | "sms";
      to: string;
      sent: boolean;
      errors?: Record<string, string>;
    },
  ) => {
    const { what, kind, errors } = given;
    const title = what === "factor" ? factorNames[kind] : kind === "email" ? "Change e-mail" : "Change mobile phone";
    const page = { title, back: what === "factor" ? factorsBack : back };
    res.locals.show("identity/address", { page, ...given, errors });
  };
  const addressOf = async (userId: string, kind: "email" | "sms"): Promise<string> => {
    const person = await db("users").where({ id: userId }).first("email", "phone");
    return kind === "email" ? person.email : person.phone;
  };

  for (const [what, root] of [
    ["contact", "/settings/contact"],
    ["factor", "/settings/factors"],
  ] as const) {
    for (const kind of ["email", "sms"] as const) {
      if (what === "factor" && kind === "email" && !parts.policy.emailCodes) continue; // switched off by the program
      const path = `${root}/${kind}`;

      router.get(path, mine, fresh, async (_req, res) => {
        showAddress(res, {
          what,
          kind,
          to: what === "factor" ? await addressOf(res.locals.viewer.id, kind) : "",
          sent: false,
        });
      });

      router.post(path, mine, fresh, async (req, res) => {
        const { viewer } = res.locals;
        try {
          const to = what === "factor" ? await addressOf(viewer.id, kind) : readForm(contactForms[kind], req.body).to;
          const id = await own.sendAddressCode(parts, viewer, { kind, to });
          await keep(req, { for: what, kind, to, id });
          showAddress(res, { what, kind, to, sent: true });
        } catch (error) {
          showAddress(res, { what, kind, to: typedIn(req.body).to ?? "", sent: false, errors: declinedOrThrow(error) });
        }
      });

      router.post(`${path}/code`, mine, fresh, async (req, res) => {
        const { viewer } = res.locals;
        const pending = pendingOf(req, what);
        if (pending.kind !== kind) throw new Declined({ form: "That took too long. Begin again." });
        const { to } = pending;
        let sent = true;
        try {
          const typed = readForm(z.object({ code }), req.body).code.replace(/\s/g, "");
          sent = false; // a wrong one asks for a new sending
          await own.takeAddressCode(parts, viewer, { id: pending.id, to, code: typed });
          delete req.session.pending;
          if (what === "factor") await own.addCodeFactor(parts, viewer, kind);
          else await own.changeContact(parts, viewer, { kind, to });
          goTo(res, what === "factor" ? "/settings/factors" : "/settings");
        } catch (error) {
          showAddress(res, { what, kind, to, sent, errors: declinedOrThrow(error) });
        }
      });
    }
  }

  router.get("/settings/looks", mine, async (_req, res) => {
    const traces = await supportTraces(db, res.locals.viewer);
    res.locals.show("identity/looks", { page: { title: "Where support looked", back }, traces });
  });

  // Log-ins

  router.get("/settings/log-ins", mine, async (_req, res) => {
    const { viewer } = res.locals;
    const logins = await loginsOf(parts, viewer.id);
    res.locals.show("identity/log-ins", { page: { title: "Your log-ins", back }, logins, thisLoginId: viewer.loginId });
  });
  router.post("/settings/log-ins/:id/end", mine, async (req, res) => {
    await logOut(parts, res.locals.actor, uuidIn(req.params.id));
    goTo(res, "/settings/log-ins");
  });
  router.post("/settings/log-ins/end", mine, async (req, res) => {
    await own.logOutOfAll(parts, res.locals.viewer);
    await endSession(req);
    goTo(res, "/login");
  });

  return router;
}
