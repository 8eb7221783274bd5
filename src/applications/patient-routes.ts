import { setTimeout } from "node:timers/promises";
import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { countStranger } from "../identity/failures.ts";
import { newSession, whereFrom } from "../identity/web-session.ts";
import { formatDateIn, type Language } from "../lib/language.ts";
import { states } from "../lib/states.ts";
import { actorAt } from "../platform/audit.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { date, readForm, type Typed, typedIn } from "../platform/forms.ts";
import { linkTokenHash } from "../platform/link-tokens.ts";
import { goTo } from "../platform/view.ts";
import { agreementIn } from "./agreement.ts";
import { consentsIn } from "./consents.ts";
import { type DecideParts, decideApplication } from "./decide-application.ts";
import { acceptOffer, withdrawApplication } from "./end-application.ts";
import { applicationForm, housings, incomeSources } from "./form.ts";
import { type ApplicationLink, findApplicationLink, openApplication } from "./links.ts";
import { headingOf, wordsIn } from "./patient-words.ts";
import { readApplication } from "./queries.ts";
import { takeApplication } from "./submit-application.ts";

/** A page waits this long for a decision; a slower one appears when it looks again. */
const waitMs = 2_500;
const openMs = 30 * 60_000;
const bornForm = z.object({
  bornOn: date(
    "Enter your date of birth / Escriba su fecha de nacimiento",
    "Enter month, day and four-digit year, like 03/12/1984 / Escriba mes, día y año de cuatro cifras, como 03/12/1984",
  ),
});
const acceptForm = (language: Language) => {
  const { missing } = wordsIn[language].offered;
  const ticked = (sentence: string) => z.literal("yes", { error: sentence });
  return z.object({ read: ticked(missing.read), understood: ticked(missing.understood) });
};

type Errors = Record<string, string>;

/**
 * A patient's own application, by the link that a practice sent: the form, the decision, and the agreement, which is
 * accepted before an account opens. Whoever comes back later says their date of birth first.
 */
export function patientApplicationRoutes(parts: DecideParts): Router {
  const router = Router();
  const { db, clock, vault, program, log } = parts;

  const isOpen = ({ session }: Request, token: string): boolean => {
    const { link, until } = session.openedApplication ?? {};
    return link === linkTokenHash(token).toString("hex") && until !== undefined && clock.now().toISOString() < until;
  };
  const open = async (req: Request, token: string) => {
    const until = new Date(clock.now().getTime() + openMs).toISOString();
    const { loginId } = req.session;
    const openedApplication = { link: linkTokenHash(token).toString("hex"), until };
    await newSession(req, { ...(loginId && { loginId }), openedApplication });
  };
  const languageOf = (req: Request, link: ApplicationLink): Language => {
    const { language } = typedIn(req.query);
    return language === "en" || language === "es" ? language : link.language;
  };
  const pathOf = (req: Request, language: Language) => `/apply/${req.params.token}?language=${language}`;

  router.get("/apply/:token", async (req, res) => {
    const link = await findApplicationLink(parts, req.params.token);
    if (!link.isUsed) return showForm(req, res, link, { typed: {} });
    if (!isOpen(req, req.params.token)) return showBorn(req, res, {});
    await showApplication(req, res, link);
  });

  router.post("/apply/:token", async (req, res) => {
    const { token } = req.params;
    const { address } = whereFrom(req);
    const link = await findApplicationLink(parts, token);
    const language = languageOf(req, link);
    try {
      await countStranger(db, vault, { use: "applications by link", address, most: 30, minutes: 60 });
      const filled = { ...typedIn(req.body), location: link.locationId };
      const form = { key: link.id, ...readForm(applicationForm(clock.today()), filled) };
      const taker = { practiceId: link.practiceId, userId: link.sentBy, words: language, linkId: link.id };
      await takeApplication(parts, { ...taker, actor: actorAt(whereFrom(req)) }, form);
      const decided = decideApplication(parts, link.id).catch((error) =>
        log.error({ err: error, applicationId: link.id }, "deciding failed"),
      );
      await Promise.race([decided, setTimeout(waitMs, undefined, { ref: false })]);
      await open(req, token);
      goTo(res, pathOf(req, language));
    } catch (error) {
      showForm(req, res, link, { typed: typedIn(req.body), errors: inLanguage(language, declinedOrThrow(error)) });
    }
  });

  router.post("/apply/:token/open", async (req, res) => {
    const { token } = req.params;
    const link = await findApplicationLink(parts, token);
    try {
      const { bornOn } = readForm(bornForm, req.body);
      await openApplication(parts, { linkId: link.id, bornOn, address: whereFrom(req).address });
    } catch (error) {
      return showBorn(req, res, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
    await open(req, token);
    goTo(res, `/apply/${token}`);
  });

  router.post("/apply/:token/accept", async (req, res) => {
    const link = await findApplicationLink(parts, req.params.token);
    const language = languageOf(req, link);
    if (!isOpen(req, req.params.token)) return goTo(res, pathOf(req, language));
    try {
      readForm(acceptForm(language), req.body);
      await acceptOffer(parts, { id: link.id, language, address: whereFrom(req).address });
      goTo(res, pathOf(req, language));
    } catch (error) {
      await showApplication(req, res, link, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.post("/apply/:token/refuse", async (req, res) => {
    const link = await findApplicationLink(parts, req.params.token);
    const language = languageOf(req, link);
    if (!isOpen(req, req.params.token)) return goTo(res, pathOf(req, language));
    try {
      await withdrawApplication(parts, actorAt(whereFrom(req)), { id: link.id });
      goTo(res, pathOf(req, language));
    } catch (error) {
      declinedOrThrow(error);
      await showApplication(req, res, link, { errors: { form: wordsIn[language].noOffer } });
    }
  });

  function showForm(
    req: Request,
    res: Response,
    link: ApplicationLink,
    given: { typed: Typed; errors?: Errors },
  ): void {
    const language = languageOf(req, link);
    const words = wordsIn[language];
    const { ssn: _, ...typed } = given.typed;
    const page = { title: words.title, forPatient: true };
    const lists = { states, housings, incomeSources, consents: consentsIn(language) };
    const agreement = agreementIn(language, program, { on: clock.today() });
    const data = { words, language, typed, practiceName: link.practiceName, agreement, ...lists };
    res.locals.show("applications/apply", {
      lang: language,
      page,
      path: pathOf(req, language),
      ...data,
      errors: given.errors,
    });
  }

  function showBorn(req: Request, res: Response, given: { typed?: Typed; errors?: Errors }): void {
    const page = { title: "Your application / Su solicitud", forPatient: true };
    const data = { heading: ["Your application", "Su solicitud"], action: `/apply/${req.params.token}/open` };
    res.locals.show("born", { page, typed: {}, ...data, ...given });
  }

  async function showApplication(
    req: Request,
    res: Response,
    link: ApplicationLink,
    given: { typed?: Typed; errors?: Errors } = {},
  ): Promise<void> {
    const language = languageOf(req, link);
    const words = wordsIn[language];
    const application = await readApplication(db, link.id);
    const { limitCents, standardApr, lapsesOn } = application;
    const until = lapsesOn && formatDateIn(language, lapsesOn);
    if (application.state === "deciding") res.set("Refresh", `3;url=${pathOf(req, language)}`);
    const terms = limitCents && standardApr ? { limitCents, standardApr } : {};
    const agreement = agreementIn(language, program, { ...terms, on: clock.today() });
    const data = { words, language, application, until, agreement, practiceName: link.practiceName };
    res.locals.show("applications/mine", {
      lang: language,
      page: { title: headingOf(application, words), forPatient: true },
      heading: headingOf(application, words),
      base: `/apply/${req.params.token}`,
      typed: {},
      ...data,
      ...given,
    });
  }

  return router;
}

/** The sentences of the form in the patient's language, one for each field. */
function inLanguage(language: Language, errors: Errors): Errors {
  const { errors: own, otherError } = wordsIn[language];
  if (!own) return errors;
  return Object.fromEntries(Object.keys(errors).map((field) => [field, own[field] ?? otherError]));
}
