import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { birthdayGate } from "../identity/birthday-gate.ts";
import { countStranger } from "../identity/failures.ts";
import { whereFrom } from "../identity/web-session.ts";
import { dateIn } from "../lib/dates.ts";
import { formatDateIn, type Language } from "../lib/language.ts";
import { states } from "../lib/states.ts";
import { actorAt } from "../platform/audit.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { readForm, type Typed, ticked, typedIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { agreementIn, digestOf } from "./agreement.ts";
import { consentsIn } from "./consents.ts";
import { type DecideParts, decideSoon } from "./decide-application.ts";
import { acceptOffer, withdrawApplication } from "./end-application.ts";
import { applicationForm, housings, incomeSources } from "./form.ts";
import { type ApplicationLink, findApplicationLink, openApplication } from "./links.ts";
import { headingOf, wordsIn } from "./patient-words.ts";
import { readApplication } from "./queries.ts";
import { takeApplication } from "./submit-application.ts";

const acceptForm = (language: Language) => {
  const { missing } = wordsIn[language].offered;
  return z.object({ read: ticked(missing.read), understood: ticked(missing.understood), sha256: z.string() });
};

type Errors = Record<string, string>;

/**
 * A patient's own application, by the link that a practice sent: the form, the decision, and the agreement, which is
 * accepted before an account opens. Whoever comes back later says their date of birth first.
 */
export function patientApplicationRoutes(parts: DecideParts): Router {
  const router = Router();
  const { db, clock, vault, program } = parts;

  const gate = birthdayGate({ clock }, { name: "openedApplication", minutes: 30 });
  /** Nobody the portal knows; in a browser in which somebody is logged in, the log names them. */
  const actorOf = (req: Request, res: Response) => res.locals.actor ?? actorAt(whereFrom(req));
  const languageOf = (req: Request, link: ApplicationLink): Language => {
    const { language } = typedIn(req.query);
    return language === "en" || language === "es" ? language : link.language;
  };
  /** The link and the language of whoever may see its application; anybody else is sent to where the birthday is asked. */
  const opened = async (req: Request, res: Response) => {
    const token = String(req.params.token);
    const link = await findApplicationLink(parts, token);
    const language = languageOf(req, link);
    if (gate.isOpen(req, token)) return { link, language };
    return void goTo(res, pathOf(req, language));
  };
  const pathOf = (req: Request, language: Language) => `/apply/${req.params.token}?language=${language}`;

  router.get("/apply/:token", async (req, res) => {
    const link = await findApplicationLink(parts, req.params.token);
    if (!link.isUsed) return showForm(req, res, link, { typed: {} });
    if (!gate.isOpen(req, req.params.token)) return askBirthday(req, res);
    await showApplication(req, res, link);
  });

  router.post("/apply/:token", async (req, res) => {
    const { token } = req.params;
    const { address } = whereFrom(req);
    const link = await findApplicationLink(parts, token);
    const language = languageOf(req, link);
    try {
      const filled = { ...typedIn(req.body), location: link.locationId };
      const form = { key: link.applicationId, ...readForm(applicationForm(clock.today()), filled) };
      await countStranger(db, vault, { use: "applications by link", address, most: 60, minutes: 60 });
      const taker = { practiceId: link.practiceId, userId: link.sentBy, words: language, linkId: link.id };
      await takeApplication(parts, { ...taker, actor: actorOf(req, res) }, form);
      await decideSoon(parts, link.applicationId);
      await gate.open(req, token);
      goTo(res, pathOf(req, language));
    } catch (error) {
      showForm(req, res, link, { typed: typedIn(req.body), errors: inLanguage(language, declinedOrThrow(error)) });
    }
  });

  router.post("/apply/:token/open", async (req, res) => {
    const { token } = req.params;
    const link = await findApplicationLink(parts, token);
    if (!link.isUsed) return goTo(res, `/apply/${token}`);
    try {
      const bornOn = gate.readBirthday(req.body);
      await openApplication(parts, { linkId: link.id, bornOn, address: whereFrom(req).address });
    } catch (error) {
      return askBirthday(req, res, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
    await gate.open(req, token);
    goTo(res, `/apply/${token}`);
  });

  router.post("/apply/:token/accept", async (req, res) => {
    const seen = await opened(req, res);
    if (!seen) return;
    const { link, language } = seen;
    try {
      const { sha256 } = readForm(acceptForm(language), req.body);
      await acceptOffer(parts, actorOf(req, res), { id: link.applicationId, language, sha256 });
      goTo(res, pathOf(req, language));
    } catch (error) {
      await showApplication(req, res, link, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.get("/apply/:token/refuse", async (req, res) => {
    const seen = await opened(req, res);
    if (!seen) return;
    const { language } = seen;
    const words = wordsIn[language];
    const page = { title: words.refuse.heading, forPatient: true };
    res.locals.show("applications/refuse", {
      lang: language,
      page,
      words,
      language,
      base: `/apply/${req.params.token}`,
    });
  });

  router.post("/apply/:token/refuse", async (req, res) => {
    const seen = await opened(req, res);
    if (!seen) return;
    const { link, language } = seen;
    try {
      await withdrawApplication(parts, actorOf(req, res), { id: link.applicationId });
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

  const askBirthday = (req: Request, res: Response, given: Parameters<typeof gate.ask>[2] = {}) =>
    gate.ask(res, { heading: ["Your application", "Su solicitud"], action: `/apply/${req.params.token}/open` }, given);

  async function showApplication(
    req: Request,
    res: Response,
    link: ApplicationLink,
    given: { typed?: Typed; errors?: Errors } = {},
  ): Promise<void> {
    const language = languageOf(req, link);
    const words = wordsIn[language];
    const application = await readApplication(db, link.applicationId);
    const { limitCents, standardApr, lapsesOn } = application;
    const until = lapsesOn && formatDateIn(language, lapsesOn);
    if (application.state === "deciding") res.set("Refresh", `3;url=${pathOf(req, language)}`);
    const terms = limitCents && standardApr ? { limitCents, standardApr } : {};
    const agreement =
      application.acceptance?.agreement ?? agreementIn(language, program, { ...terms, on: clock.today() });
    const acceptedAt = application.acceptance?.acceptedAt;
    const acceptedOn = acceptedAt && formatDateIn(language, dateIn(program.timeZone, new Date(acceptedAt)));
    const data = {
      words,
      language,
      application,
      until,
      acceptedOn,
      agreement,
      sha256: digestOf(agreement),
      practiceName: link.practiceName,
    };
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

/** The sentences of the form in the patient's words, one for each field. */
function inLanguage(language: Language, errors: Errors): Errors {
  const { errors: own, otherError } = wordsIn[language];
  return Object.fromEntries(Object.keys(errors).map((field) => [field, own[field] ?? otherError]));
}
