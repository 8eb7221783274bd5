import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { declinedOrThrow } from "../platform/errors.ts";
import { phoneNumber, readForm, type Typed, typedIn, typedPassword } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { type AcceptParts, acceptInvitation, findInvitation, suggestUserId } from "./accept-invitation.ts";
import { countAddress } from "./failures.ts";
import type { LogInParts } from "./log-in.ts";
import { permissionsInWords, roleNames } from "./permissions.ts";
import { newSession, whereFrom } from "./web-session.ts";

const passwordForm = z.object({ newPassword: typedPassword("Enter a new password") });
const personForm = z.object({
  userId: z.string().trim().default(""),
  phone: phoneNumber("Enter a mobile phone number of ten digits"),
  ...passwordForm.shape,
});

/** What an invitation's link leads to: the page that accepts it. Opening it consumes nothing. */
export function invitationRoutes(parts: AcceptParts & LogInParts): Router {
  const router = Router();

  const show = async (
    req: Request<{ token: string }>,
    res: Response,
    given: { typed?: Typed; errors?: Record<string, string> } = {},
  ) => {
    const { token } = req.params;
    const invitation = await findInvitation(parts, token);
    if (!invitation)
      return res.locals.show("identity/invitation-dead", { page: { title: "This link no longer works" } });
    const typed = given.typed ?? { userId: invitation.userId ? "" : await suggestUserId(parts, invitation) };
    const page = { title: invitation.userId ? "Set your password" : "Welcome" };
    const role = { name: roleNames[invitation.role], may: permissionsInWords(invitation.role) };
    res.locals.show("identity/invitation", { page, token, invitation, role, typed, errors: given.errors });
  };

  router.get("/invitations/:token", (req, res) => show(req, res));

  router.post("/invitations/:token", async (req, res) => {
    const { token } = req.params;
    const { address } = whereFrom(req);
    try {
      const tried = await countAddress(parts.db, parts.vault, address);
      const invitation = await findInvitation(parts, token);
      if (!invitation) return await show(req, res);
      const form = invitation.userId
        ? { userId: "", phone: "", ...readForm(passwordForm, req.body) }
        : readForm(personForm, req.body);
      const userId = await acceptInvitation(parts, { token, ...form, address });
      await tried.giveBack();
      await newSession(req, {});
      goTo(res, "/login", `Welcome. Log in with the User ID ${userId} and your new password.`);
    } catch (error) {
      await show(req, res, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  return router;
}
