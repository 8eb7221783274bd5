import type { RequestHandler, Response, Router } from "express";
import { z } from "zod";
import type { Viewer } from "../identity/viewer.ts";
import type { Actor } from "../platform/audit.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { auditedReason, choice, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";

export const reasonForm = z.object({ reason: auditedReason });
export const suspensionForm = reasonForm.extend({ why: choice(["policy", "request"], "Choose why") });

/** What was declined, and what had been typed. */
export type Declining = { errors: Record<string, string>; typed: Typed };

type Act = {
  /** Several forms stand on one page: the prefix tells the reason of this one from those of the others. */
  prefix?: string;
  told?: string;
  run: (who: { actor: Actor; viewer: Viewer }, subjectId: string, body: unknown) => Promise<void>;
};

/**
 * Makes the posts of a subject's page: each reads its reason, acts, and goes back to the page; what was declined is
 * said beside the field of the very form.
 */
export function actRoutes(
  router: Router,
  subject: {
    path: string;
    reason: RequestHandler;
    show: (res: Response, id: string, declined: Declining) => Promise<void>;
  },
) {
  const { path, reason: needsReason, show } = subject;
  return (name: string, guard: RequestHandler, { prefix, told, run }: Act) => {
    const field = prefix ? `${prefix}Reason` : "reason";
    router.post(`${path}/${name}`, guard, needsReason, async (req, res) => {
      const id = uuidIn(req.params.id);
      try {
        await run(res.locals, id, { ...req.body, reason: req.body?.[field] });
        goTo(res, path.replace(":id", id), told);
      } catch (error) {
        const { reason, ...errors } = declinedOrThrow(error);
        if (!res.locals.look) return goTo(res, path.replace(":id", id)); // to be seen it needs a reason first
        const shown = { ...errors, ...(reason && { [field]: reason }) };
        await show(res, id, { errors: shown, typed: typedIn(req.body) });
      }
    });
  };
}
