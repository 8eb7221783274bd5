import { type FactorKind, factorNames } from "../../identity/factors.ts";
import * as sample from "../samples.ts";
import { inside, out, type Shown, wrong } from "./shown.ts";

const { ids } = sample;
const logIn = out("identity/log-in", "Log in", { userId: "" });
const code = (kind: FactorKind | null, sentTo: string, others: FactorKind[] = []) =>
  out("identity/code", "Verification code", {
    base: "/login/code",
    factor: kind && sample.factor(kind),
    factorNames,
    sentTo,
    sentAgain: false,
    passkey: "{}",
    others: others.map(sample.factor),
  });
const settings = (view: string, title: string, data: object = {}) =>
  inside(`identity/${view}`, title, data, { href: "/settings", label: "Settings" });
const address = (what: "contact" | "factor", kind: "email" | "sms", to: string, sent: boolean) =>
  settings("address", "Change e-mail", { what, kind, to, sent });

/** Getting in, getting in again, and one's own settings. */
export const identityPages: Record<string, Record<string, Shown>> = {
  "log-in": {
    plain: logIn,
    wrong: wrong(
      logIn,
      { form: "The User ID or the password is not right. Check both and try again." },
      { userId: "riverside.desk" },
    ),
    empty: wrong(logIn, { userId: "Enter your User ID", password: "Enter your password" }),
    locked: wrong(logIn, {
      form: "This User ID is locked after several wrong tries. It unlocks by itself in 5 minutes. To have it unlocked sooner, call support.",
    }),
  },
  code: {
    email: code("email", "r•••@example.com"),
    sms: code("sms", "0115"),
    app: code("totp", ""),
    passkey: code("passkey", "", ["totp", "email"]),
    choose: code(null, "", ["sms", "email"]),
    wrong: wrong(code("email", "r•••@example.com"), {
      code: "That code is not right. Check the latest one, or send a new code.",
    }),
    again: {
      ...code("email", "r•••@example.com"),
      data: { ...code("email", "r•••@example.com").data, sentAgain: true },
    },
  },
  "recovery code": {
    plain: out("identity/recovery-code", "Recovery code", { base: "/login/code" }),
    wrong: wrong(out("identity/recovery-code", "Recovery code", { base: "/login/code" }), {
      recoveryCode: "That recovery code is not right, or was used before.",
    }),
  },
  recover: {
    plain: out("identity/recover", "Forgot User ID or password", { typed: {} }),
    wrong: wrong(out("identity/recover", "Forgot User ID or password", { typed: { what: "password" } }), {
      email: "Enter your e-mail address",
      userId: "Enter your User ID too, for a new password",
    }),
    sent: out("identity/recover-sent", "Check your e-mail"),
    "new password": out("identity/new-password", "New password", { token: "token", works: true }),
    "dead link": out("identity/new-password", "New password", { token: "token", works: false }),
    "bad password": wrong(out("identity/new-password", "New password", { token: "token", works: true }), {
      newPassword: "Use at least 15 characters. Four or five words in a row are easy to remember.",
    }),
  },
  trouble: {
    fine: out("identity/trouble", "Trouble logging in?", {
      cookies: true,
      browser: "Firefox on Windows",
      address: "203.0.113.9",
      now: sample.now,
    }),
    "no cookies": out("identity/trouble", "Trouble logging in?", {
      cookies: false,
      browser: "A browser",
      address: "203.0.113.9",
      now: sample.now,
    }),
  },
  "logged out too early": {
    form: inside("identity/continue", "Go on where you were", {
      kept: { id: ids.draft, path: "/applications", fields: { firstName: "Nadia" } },
    }),
  },
  confirm: {
    factor: inside("identity/confirm", "Confirm that it is you", { byPassword: false }),
    password: inside("identity/confirm", "Confirm that it is you", { byPassword: true }),
  },
  settings: {
    index: inside("identity/settings", "Settings", {
      person: { email: "r.okafor@example.com", phone: "2025550111" },
      factors: [sample.factor("totp")],
      factorNames,
      logins: 2,
    }),
    password: settings("password", "Change password"),
    "wrong password": wrong(settings("password", "Change password"), {
      password: "That is not your password now.",
      newPassword: "That password is on lists of common or stolen ones. Choose one of your own.",
    }),
    factors: settings("factors", "Second factors", {
      factors: [sample.factor("passkey"), sample.factor("email")],
      factorNames,
      codesLeft: 9,
      mustAdd: false,
    }),
    "must add one": settings("factors", "Second factors", { factors: [], factorNames, codesLeft: 0, mustAdd: true }),
    "add an app": settings("add-app", "Add an authenticator app", {
      picture: '<svg viewBox="0 0 2 2" xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1v1H0z"/></svg>',
      secret: "JBSW Y3DP",
    }),
    "add a passkey": settings("add-passkey", "Add a passkey", { options: "{}", elsewhere: "http://localhost:3000" }),
    "recovery codes": settings("recovery-codes", "Recovery codes", { codes: null }),
    "recovery codes made": settings("recovery-codes", "Recovery codes", {
      codes: Array.from({ length: 10 }, (_, place) => `ABCD-EFGH-IJKL-MN${20 + place}`),
    }),
    "new e-mail": address("contact", "email", "", false),
    "code sent": address("contact", "email", "new@example.com", true),
    "codes by text": address("factor", "sms", "2025550111", false),
    "log-ins": settings("log-ins", "Your log-ins", { logins: sample.logins, thisLoginId: sample.logins[0]?.id }),
  },
};
