import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { may } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import { formatPhone } from "../lib/phone.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { choice, emailAddress, keyIn, phoneNumber, readForm, type Typed, typedIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { locationsOf } from "../practices/queries.ts";
import type { DecideParts } from "./decide-application.ts";
import { inviteToApply, linkDays, openLinks } from "./links.ts";

const inviteForm = z.object({
  channel: choice(["email", "sms"], "Choose how to send it"),
  email: z.string().default(""),
  mobile: z.string().default(""),
  language: choice(["en", "es"], "Choose the patient’s language"),
  location: z.uuid({ error: "Choose one of your locations" }),
});
const emailForm = z.object({ email: emailAddress("Enter the patient’s e-mail address") });
const mobileForm = z.object({ mobile: phoneNumber("Enter a mobile phone number of ten digits") });

/** A practice sends a patient a link to apply on a device of their own. */
export function linkRoutes(parts: DecideParts): Router {
  const router = Router();
  const { db } = parts;

  router.get("/applications/link", may("take applications"), (_req, res) =>
    show(res, { typed: { key: randomUUIDv7(), channel: "email", language: "en" } }),
  );

  router.post("/applications/link", may("take applications"), async (req, res) => {
    const id = keyIn(req.body);
    try {
      const { channel, language, location } = readForm(inviteForm, req.body);
      const to = channel === "email" ? readForm(emailForm, req.body).email : readForm(mobileForm, req.body).mobile;
      await inviteToApply(parts, practiceViewer(res), { id, channel, to, language, location });
      goTo(
        res,
        "/applications/link",
        `Sent to ${channel === "email" ? to : formatPhone(to)}. The link works for ${linkDays} days.`,
      );
    } catch (error) {
      await show(res, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  async function show(res: Response, given: { typed: Typed; errors?: Record<string, string> }): Promise<void> {
    const viewer = practiceViewer(res);
    const [locations, links] = await Promise.all([locationsOf(db, viewer.practice.id), openLinks(parts, viewer)]);
    const typed = { location: viewer.practice.homeLocationId ?? "", ...given.typed };
    const page = { title: "Send a link to apply", back: { href: "/applications", label: "Applications" } };
    res.locals.show("applications/link", { page, typed, locations, links, linkDays, errors: given.errors });
  }

  return router;
}
