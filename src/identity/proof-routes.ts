import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { Declined, declinedOrThrow } from "../platform/errors.ts";
import { line, readForm } from "../platform/forms.ts";
import { againLater, goTo } from "../platform/view.ts";
import { type Challenge, chooseFactor, findChallenge, type Purpose } from "./challenges.ts";
import { factorNames } from "./factors.ts";
import type { LogInParts } from "./log-in.ts";
import { type PasskeyAnswer, passkeyToShow } from "./passkeys.ts";
import type { Proof } from "./prove.ts";

const codeForm = z.object({ code: line("Enter the six digits of the code", 20) });
const recoveryForm = z.object({ recoveryCode: line("Enter one of your recovery codes", 40) });
const passkeyForm = z.object({ passkey: line("Your passkey did not answer. Try again.", 10_000) });

/**
 * The pages that ask for a second factor, below `base`: for a log-in, a forgotten password, a confirmation. Opening
 * them sends nothing; a code goes out when the challenge is opened, and when a button asks for it.
 */
export function proofRoutes(
  parts: LogInParts,
  pages: {
    base: string;
    purpose: Purpose;
    orElse: string;
    finish: (req: Request, res: Response, challengeId: string, proof: Proof) => Promise<void>;
  },
): Router {
  const router = Router();
  const { base, purpose, orElse, finish } = pages;

  // One browser may wait for several things; what was opened for another is no answer here.
  const waiting = async (req: Request): Promise<Challenge | null> => {
    const challenge = req.session.challengeId
      ? await findChallenge(parts.db, req.session.challengeId, parts.program.emailCodes)
      : null;
    return challenge?.purpose === purpose ? challenge : null;
  };

  const showCode = async (req: Request, res: Response, error?: unknown) => {
    const errors = error ? declinedOrThrow(error) : undefined;
    const challenge = await waiting(req);
    if (!challenge) return res.redirect(303, orElse);
    const passkey = challenge.factor?.kind === "passkey" ? JSON.stringify(await passkeyToShow(parts, challenge)) : null;
    const { factor, factors } = challenge;
    const data = {
      page: { title: "Verification code", back: { href: orElse, label: "Back" } },
      base,
      factor,
      passkey,
      factorNames,
      sentTo: sentTo(challenge),
      sentAgain: req.query.sent === "1" && !errors,
      others: factors.filter(({ id }) => id !== factor?.id),
    };
    res.locals.show("identity/code", { ...data, errors }, againLater(res, error));
  };

  const showRecovery = async (req: Request, res: Response, error?: unknown) => {
    const errors = error ? declinedOrThrow(error) : undefined;
    if (!(await waiting(req))) return res.redirect(303, orElse);
    const page = { title: "Recovery code", back: { href: base, label: "Verification code" } };
    res.locals.show("identity/recovery-code", { page, base, errors });
  };

  const tryProof = async (
    req: Request,
    res: Response,
    read: () => Proof,
    show: (req: Request, res: Response, error: unknown) => Promise<unknown>,
  ) => {
    const { challengeId } = req.session;
    if (!challengeId) return goTo(res, orElse);
    try {
      await finish(req, res, challengeId, read());
    } catch (error) {
      await show(req, res, error);
    }
  };

  router.get(base, (req, res) => showCode(req, res));
  router.post(base, (req, res) => tryProof(req, res, () => readForm(codeForm, req.body), showCode));
  router.get(`${base}/recovery`, (req, res) => showRecovery(req, res));
  router.post(`${base}/recovery`, (req, res) =>
    tryProof(req, res, () => readForm(recoveryForm, req.body), showRecovery),
  );
  router.post(`${base}/passkey`, (req, res) =>
    tryProof(req, res, () => ({ passkey: parsed(readForm(passkeyForm, req.body).passkey) }), showCode),
  );

  router.post(`${base}/factor`, async (req, res) => {
    const challenge = await waiting(req);
    if (!challenge) return goTo(res, orElse);
    try {
      const { factor } = readForm(z.object({ factor: z.uuid({ error: "Choose another way" }) }), req.body);
      await chooseFactor(parts, challenge.id, factor);
      goTo(res, `${base}?sent=1`);
    } catch (error) {
      await showCode(req, res, error);
    }
  });

  return router;
}

/** A passkey's answer as the browser wrote it; a person who called it off has answered nothing, which is no failure. */
function parsed(text: string): PasskeyAnswer {
  const nothing = new Declined({ form: "Your passkey did not answer. Try again, or choose another way." });
  try {
    const answer = JSON.parse(text);
    if (/^[\w-]{1,1024}$/.test(answer?.id) && typeof answer.id === "string" && typeof answer.response === "object") {
      return answer;
    }
  } catch {
    throw nothing;
  }
  throw nothing;
}

function sentTo({ factor, person }: Challenge): string {
  if (factor?.kind === "email") return person.email.replace(/^(.)[^@]*/, "$1•••");
  return factor?.kind === "sms" ? person.phone.slice(-4) : "";
}
