import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { lapseApplications } from "../../src/applications/end-application.ts";
import { addDays } from "../../src/lib/calendar.ts";
import { formatDate } from "../../src/lib/dates.ts";
import { lookAt } from "../console/support.ts";
import { apply, filledApplication } from "../support/applications.ts";
import type { Browser, Filling, Page } from "../support/browser.ts";
import { approval, scriptedBureau } from "../support/bureau.ts";
import { foundMallorys, foundPractice, hireSam, logIn, somePatient } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const bureau = scriptedBureau();
const portal = await openPortal({ bureau });
const practice = await foundPractice(portal);
const parts = { ...portal.parts, program: portal.parts.config.program, publicUrl: portal.parts.config.publicUrl };

/** A patient who was sent a link: their browser, the path of the link, their address. */
async function invited(given: { language?: "English" | "Spanish" } = {}) {
  const { email } = somePatient();
  const form = await (await logIn(portal, practice.bob)).get("/applications/link");
  const sent = await form.press("Send link", {
    "Send it": "By e-mail",
    "E-mail": email,
    Language: given.language ?? "English",
  });
  const [letter] = await lettersTo(email);
  const path = /http\S+(\/apply\/\S+)/.exec(letter?.text ?? "")?.[1] ?? "";
  return { browser: portal.browser(), path, email, sent, letter };
}

const lettersTo = async (email: string) => (await portal.messages()).filter(({ to }) => to === email).reverse();
const own = {
  "The patient agrees that their credit report": undefined,
  "The patient agrees to receive the agreement": undefined,
  "The patient has seen the rates and fees": undefined,
  "I agree that my credit report": true,
  "I agree to receive the agreement": true,
  "I have seen the rates and fees": true,
};
function filled(email: string, filling: Filling = {}): Filling {
  const all = { ...filledApplication({ "E-mail": email, ...filling }), ...own };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Filling;
}
const inSpanish: Record<string, string> = {
  "First name": "Nombre",
  "Last name": "Apellido",
  "Date of birth": "Fecha de nacimiento",
  "Social Security number": "Número de Seguro Social",
  "Street address": "Dirección",
  City: "Ciudad",
  State: "Estado",
  "ZIP code": "Código postal",
  Housing: "Tipo de vivienda",
  "Monthly housing cost": "Costo mensual de la vivienda",
  "Mobile phone": "Teléfono móvil",
  "E-mail": "Correo electrónico",
  "Annual income": "Ingreso anual",
  "Income source": "Fuente de ingresos",
};
const filledInSpanish = (email: string): Filling => ({
  ...Object.fromEntries(
    Object.entries(filledApplication({ "E-mail": email, Housing: "Alquilada", "Income source": "Empleo" })).flatMap(
      ([label, value]) => (inSpanish[label] ? [[inSpanish[label], value]] : []),
    ),
  ),
  "Acepto que se solicite": true,
  "Acepto recibir el contrato": true,
  "He visto las tasas": true,
});
const applyBy = async (browser: Browser, path: string, email: string): Promise<Page> =>
  (await browser.get(path)).press("Submit application", filled(email));
const accepted = { "I have read the agreement": true, "I understand that on a plan": true };
const rowOf = (email: string) => portal.db("applications").where({ email }).first();
/** The approvals of today, as the report of applications counts them. */
const approvedIn = async (owner: Browser): Promise<string | undefined> =>
  /Approved ([\d,]+)/.exec((await owner.get("/reports/applications")).text)?.[1];
const deskOf = async () => logIn(portal, practice.bob);

describe("a link to apply", () => {
  test("is sent once, names the practice, and is listed until somebody applies by it", async () => {
    const { sent, letter, path, email, browser } = await invited();
    expect(sent.text).toContain(`Sent to ${email}. The link works for 7 days.`);
    expect(letter?.text).toContain("invites you to apply");
    expect((await (await deskOf()).get("/applications/link")).text).toContain(email);
    await applyBy(browser, path, email);
    expect((await (await deskOf()).get("/applications/link")).text).not.toContain(email);
  });

  test("goes by text message too; what is missing is said beside the field, and what was typed stays", async () => {
    const desk = await deskOf();
    const form = await desk.get("/applications/link");
    const wrong = await form.press("Send link", { "Send it": "By text message", "E-mail": "typed@example.com" });
    expect([wrong.status, wrong.errorAt("Mobile phone")]).toEqual([422, "Enter a mobile phone number of ten digits"]);
    expect(wrong.valueOf("E-mail")).toBe("typed@example.com");
    await wrong.press("Send link", { "Mobile phone": "512 555 0177", Language: "Spanish" });
    const [message] = (await portal.messages()).filter(({ channel, to }) => channel === "sms" && to === "5125550177");
    expect(message?.text).toContain("le invita a solicitar");
  });

  test("works for seven days", async () => {
    const { browser, path } = await invited();
    await portal
      .db("application_links")
      .update({ expires_at: portal.clock.now() })
      .whereNotIn("id", portal.db("applications").select("id"));
    const page = await browser.get(path);
    expect([page.status, page.text.includes("no longer works")]).toEqual([404, true]);
    expect((await browser.get("/apply/nothing-like-it")).status).toBe(404);
  });
});

describe("a patient’s own application", () => {
  test("approved: no account opens before the agreement is accepted; then the practice may charge it", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(350_000));
    const page = await applyBy(browser, path, email);
    expect(page).toMatchObject({ status: 200, heading: "You are approved for $3,500.00" });
    expect(page.text).toContain(
      "interest will be charged to your account from the purchase date, at 32.99%, if the promotional balance is not paid in full",
    );
    const { id } = await rowOf(email);
    expect(await rowOf(email)).toMatchObject({ outcome: "approved", account_id: null, submitted_by: practice.bob.id });
    const waiting = await (await deskOf()).get(`/applications/${id}`);
    expect(waiting.heading).toBe("Approved for $3,500.00");
    expect(waiting.text).toContain("opens once the patient has accepted the agreement");
    expect(waiting.links).not.toContain("New sale");
    expect((await (await deskOf()).get("/")).text).toContain("to accept the agreement");

    const unread = await page.press("Accept and open my account", { "I have read the agreement": true });
    expect([unread.status, unread.errorAt("I understand")]).toEqual([
      422,
      "Tick this once you have read how deferred interest works",
    ]);
    const open = await page.press("Accept and open my account", accepted);
    expect(open.heading).toBe("Your account is open");
    expect((await page.press("Accept and open my account", accepted)).heading).toBe("Your account is open"); // pressed again
    const row = await rowOf(email);
    expect(row.acceptance).toMatchObject({ language: "en", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await portal.db("accounts").where({ id: row.account_id }).first()).toMatchObject({
      limit_cents: 350_000,
      closed_on: null,
    });
    expect((await lettersTo(email)).map(({ subject }) => subject)).toEqual([
      "Apply for your Caraway health credit account",
      "Your Caraway application was approved",
      "Your Caraway account",
    ]);
    expect((await (await deskOf()).get(`/applications/${id}`)).links).toContain("New sale");
  });

  test("accepted five times at once: one account", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    const form = (await applyBy(browser, path, email)).sending("Accept and open my account", accepted);
    await Promise.all([1, 2, 3, 4, 5].map(() => browser.send(form)));
    const letters = (await lettersTo(email)).filter(({ subject }) => subject === "Your Caraway account");
    expect(letters).toHaveLength(1);
    expect(
      await portal.db("audit_events").where({ subject_id: (await rowOf(email)).id, action: "agreement accepted" }),
    ).toHaveLength(1);
  });

  test("is the patient’s alone: whoever comes later with the link says the date of birth first, five tries", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    await applyBy(browser, path, email);
    const stranger = portal.browser();
    const asked = await stranger.get(path);
    expect(asked.heading).toContain("Your application");
    expect(asked.text).not.toContain("$1,000.00");
    expect((await stranger.post(`${path}/accept`, { read: "yes", understood: "yes" })).heading).toContain(
      "Your application",
    );
    expect((await stranger.post(`${path}/refuse`)).heading).toContain("Your application");
    expect(await rowOf(email)).toMatchObject({ outcome: "approved", account_id: null });
    const wrong = await asked.press("Show / Ver", { "Date of birth / Fecha de nacimiento": "01/02/1990" });
    expect([wrong.status, wrong.errors[0]]).toEqual([422, expect.stringContaining("not the date of birth")]);
    const right = await asked.press("Show / Ver", { "Date of birth / Fecha de nacimiento": "04/09/1985" });
    expect(right.heading).toBe("You are approved for $1,000.00");
    const guesser = portal.browser();
    const guesses = await Promise.all(
      Array.from({ length: 9 }, () => guesser.post(`${path}/open`, { bornOn: "01/02/1990" })),
    );
    expect(guesses.filter(({ status }) => status === 403).length).toBe(4);
    expect((await guesser.post(`${path}/open`, { bornOn: "04/09/1985" })).status).toBe(403);
  });

  test("in Spanish, errors too; the SSN is never written back", async () => {
    const { browser, path, email } = await invited({ language: "Spanish" });
    const form = await browser.get(path);
    expect(form.heading).toBe("Solicite una cuenta de crédito para la salud");
    expect(form.html).toContain('lang="es"');
    const spanish = {
      Nombre: "Inés",
      Apellido: "Quiroga",
      "Número de Seguro Social": "987-65-4321",
      "Correo electrónico": email,
    };
    const wrong = await form.press("Enviar solicitud", spanish);
    expect([wrong.status, wrong.errorAt("Fecha de nacimiento")]).toEqual([
      422,
      "Escriba su fecha de nacimiento (MM/DD/AAAA); debe tener 18 años o más",
    ]);
    expect(wrong.valueOf("Nombre")).toBe("Inés");
    expect(wrong.html).not.toContain("987-65-4321");
    expect(wrong.errors.join()).not.toMatch(/Enter|Choose|has to/);
    bureau.answers(approval(200_000));
    const page = await wrong.press("Enviar solicitud", {
      ...spanish,
      "Fecha de nacimiento": "04/09/1985",
      Dirección: "9 Elm St",
      Ciudad: "Austin",
      Estado: "TX",
      "Código postal": "78704",
      "Tipo de vivienda": "Alquilada",
      "Costo mensual de la vivienda": "900",
      "Teléfono móvil": "512 555 0178",
      "Ingreso anual": "48000",
      "Fuente de ingresos": "Empleo",
      "Acepto que se solicite": true,
      "Acepto recibir el contrato": true,
      "He visto las tasas": true,
    });
    expect(page.heading).toBe("Aprobado: $2,000.00");
    expect((await lettersTo(email)).at(-1)?.text).toContain("se abre cuando usted lea el contrato");
    const { consents, language } = await rowOf(email);
    expect([language, consents[0].language]).toEqual(["es", "es"]);
    const open = await page.press("Aceptar y abrir mi cuenta", { "He leído el contrato": true, "Entiendo que": true });
    expect(open.heading).toBe("Su cuenta está abierta");
    expect((await rowOf(email)).acceptance.language).toBe("es");
  });

  test("declined: the patient is written to; the practice and the page say no reason", async () => {
    const { browser, path, email } = await invited();
    bureau.answers({ outcome: "declined", reasons: ["No credit file"] });
    const page = await applyBy(browser, path, email);
    expect(page.heading).toBe("We cannot approve this application");
    expect(page.html).not.toContain("No credit file");
    expect((await lettersTo(email)).at(-1)?.text).toContain("  - No credit file");
  });

  test("declined in Spanish: the reasons, too; one that only the bureau knows stays in its words", async () => {
    const { browser, path, email } = await invited();
    const reasons = ["Number of established accounts", "Something of the bureau’s own"];
    const score = { value: 512, lowest: 300, highest: 850, on: "2026-11-20", factors: ["Length of credit history"] };
    bureau.answers({ outcome: "declined", reasons, score });
    const page = await (await browser.get(`${path}?language=es`)).press("Enviar solicitud", filledInSpanish(email));
    expect(page.heading).toBe("No podemos aprobar esta solicitud");
    const letter = (await lettersTo(email)).at(-1)?.text;
    expect(letter).toContain("  - Número de cuentas establecidas\n  - Something of the bureau’s own");
    expect(letter).toContain("512, del 20 de noviembre de 2026, en una escala de 300 a 850");
    expect(letter).toContain("  - Duración del historial de crédito");
    expect(letter).toContain("Igualdad de Oportunidades de Crédito");
  });

  test("while the bureau is silent, the page asks for nothing", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(new Error("down"));
    const page = await applyBy(browser, path, email);
    expect(page.heading).toBe("We are still waiting");
    expect(page.text).toContain("You need not do anything");
  });

  test("refused by the patient: withdrawn, and can no longer be accepted", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    const page = await applyBy(browser, path, email);
    const sure = await page.click("No, thank you");
    expect(sure.text).toContain("It cannot be taken back");
    expect((await sure.press("Yes, I do not want the account")).heading).toBe("Withdrawn");
    const late = await page.press("Accept and open my account", accepted);
    expect([late.status, late.errors]).toEqual([422, ["This approval is no longer open. Nothing was changed."]]);
    expect(await rowOf(email)).toMatchObject({ outcome: "withdrawn", account_id: null });
  });

  test("not accepted: reminded of a week before, expired after thirty days", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    const page = await applyBy(browser, path, email);
    const today = portal.clock.today();
    for (const night of [22, 23, 24, 29]) await lapseApplications(parts, addDays(today, night));
    expect((await lettersTo(email)).at(-1)?.subject).toBe(
      `Your Caraway approval expires on ${formatDate(addDays(today, 30))}`,
    );
    expect(await rowOf(email)).toMatchObject({ outcome: "approved" });
    await lapseApplications(parts, addDays(today, 30));
    expect(
      (await lettersTo(email))
        .slice(2)
        .map(({ text }) => /was not accepted by|when you accept the agreement, by/.test(text)),
    ).toEqual([true, true]);
    const { id } = await rowOf(email);
    expect((await (await deskOf()).get(`/applications/${id}`)).heading).toBe("Expired");
    const late = await page.press("Accept and open my account", accepted);
    expect(late.status).toBe(422);
    expect(await rowOf(email)).toMatchObject({ outcome: "expired", account_id: null });
  });

  test("sent again for somebody else by the same link is refused; the same again is the same", async () => {
    const { browser, path, email } = await invited();
    const form = await browser.get(path);
    bureau.answers(approval(100_000));
    const sent = filled(email);
    const first = await form.press("Submit application", sent);
    expect((await form.press("Submit application", sent)).heading).toBe("You are approved for $1,000.00");
    const other = await form.press(
      "Submit application",
      filled(email, { "First name": "Somebody", "Last name": "Else" }),
    );
    expect(other.status).toBe(422);
    expect(first.heading).toBe("You are approved for $1,000.00");
    expect(await portal.db("applications").where({ email })).toHaveLength(1);
  });

  test("an agreement that reads otherwise than the page is not accepted", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    const page = await applyBy(browser, path, email);
    await portal.db("applications").where({ email }).update({ limit_cents: 200_000 }); // as a deploy may change the words
    const refused = await page.press("Accept and open my account", accepted);
    expect([refused.status, refused.errors]).toEqual([
      422,
      ["The agreement has changed since you opened this page. Please read it again."],
    ]);
    expect(refused.text).toContain("Your credit limit is $2,000.00");
    expect((await refused.press("Accept and open my account", accepted)).heading).toBe("Your account is open");
  });

  test("what was accepted is kept word for word, shown again, and in the letter", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    const page = await applyBy(browser, path, email);
    const open = await page.press("Accept and open my account", accepted);
    const { acceptance } = await rowOf(email);
    const words: string[] = acceptance.agreement.sections.flatMap(
      ({ paragraphs }: { paragraphs: string[] }) => paragraphs,
    );
    expect(words.length).toBeGreaterThan(4);
    const letter = (await lettersTo(email)).at(-1)?.text;
    for (const paragraph of words) {
      expect(page.text).toContain(paragraph);
      expect(open.text).toContain(paragraph);
      expect(letter).toContain(paragraph);
    }
    const sha256 = createHash("sha256").update(JSON.stringify(acceptance.agreement)).digest("hex");
    expect([acceptance.sha256, sha256]).toEqual([sha256, sha256]);
    expect(open.text).toContain("You accepted this agreement on Nov 23, 2026.");
  });

  test("whoever has an account is offered none: its limit and rate stay, and the practice may charge it", async () => {
    const known = { "Social Security number": "900-12-3456", "Last name": "Knownbefore" };
    bureau.answers(approval(500_000));
    const first = await apply(await deskOf(), known);
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    const page = await (await browser.get(path)).press("Submit application", filled(email, known));
    expect(page.heading).toBe("Your account is open");
    expect(page.text).toContain("You had an account already");
    expect((await rowOf(email)).account_id).toBe(first.href("See the account").split("/").at(-1));
    expect((await lettersTo(email)).at(-1)?.text).toContain("No second one was opened");
  });

  test("an account that opened while an approval waited: each page says which of the two opened it", async () => {
    const person = { "Social Security number": "900-12-3457", "Last name": "Twiceasking" };
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    const offer = await (await browser.get(path)).press("Submit application", filled(email, person));
    expect(offer.heading).toBe("You are approved for $1,000.00");
    portal.clock.advance({ minutes: 1 });
    const keyed = await apply(await deskOf(), person);
    expect(keyed.heading).toBe("Approved for $1,000.00");
    const owner = await logIn(portal, practice.alice);
    const approvedBefore = await approvedIn(owner);
    expect(approvedBefore).toMatch(/^[1-9]/);
    const open = await offer.press("Accept and open my account", accepted);
    expect(open.text).toContain("You had an account already");
    expect(await approvedIn(owner)).toBe(approvedBefore); // one account is one approval
    expect((await (await deskOf()).get(keyed.path)).heading).toBe("Approved for $1,000.00");
    expect((await (await deskOf()).get(`/applications/${(await rowOf(email)).id}`)).heading).toBe(
      "Approved: an account is open",
    );
  });

  test("after its last day it is not accepted, though the night has not run yet", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    const page = await applyBy(browser, path, email);
    await portal
      .db("applications")
      .where({ email })
      .update({ lapses_on: addDays(portal.clock.today(), -1) });
    expect((await page.press("Accept and open my account", accepted)).status).toBe(422);
    expect(await rowOf(email)).toMatchObject({ outcome: "approved", account_id: null });
  });

  test("who lost the link, or used up the tries, gets it again from support", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    await applyBy(browser, path, email);
    const stranger = portal.browser();
    for (const _ of [1, 2, 3, 4, 5, 6]) await stranger.post(`${path}/open`, { bornOn: "01/02/1990" });
    expect((await stranger.post(`${path}/open`, { bornOn: "04/09/1985" })).status).toBe(403);
    const sam = await logIn(portal, await hireSam(portal));
    const { id } = await rowOf(email);
    const desk = await lookAt(sam, `/console/applications/${id}`);
    expect(desk.text).not.toContain("has shown who they are");
    await desk.press("Record", { "The patient": "needs the link again", Reason: "Called, named the street" });
    const letter = (await lettersTo(email)).at(-1);
    expect(letter?.subject).toBe("The link to your Caraway application");
    const again = await stranger.get(/http\S+(\/apply\/\S+)/.exec(letter?.text ?? "")?.[1] ?? "");
    const open = await again.press("Show / Ver", { "Date of birth / Fecha de nacimiento": "04/09/1985" });
    expect(open.heading).toBe("You are approved for $1,000.00");
  });

  test("tries at the date of birth are not used up before there is an application", async () => {
    const { browser, path, email } = await invited();
    for (const _ of [1, 2, 3, 4, 5, 6]) await browser.post(`${path}/open`, { bornOn: "01/02/1990" });
    await applyBy(browser, path, email);
    const later = await portal.browser().get(path);
    const right = await later.press("Show / Ver", { "Date of birth / Fecha de nacimiento": "04/09/1985" });
    expect(right.status).toBe(200);
  });

  test("a patient who applied in Spanish is written to in Spanish, from then on", async () => {
    const { browser, path, email } = await invited();
    bureau.answers({ outcome: "pending", missing: "Who they are." });
    const spanish = await browser.get(`${path}?language=es`);
    const page = await spanish.press("Enviar solicitud", filledInSpanish(email));
    expect(page.heading).toBe("Un paso más");
    const { id } = await rowOf(email);
    await lapseApplications(parts, addDays(portal.clock.today(), 23));
    const sam = await logIn(portal, await hireSam(portal));
    const desk = await lookAt(sam, `/console/applications/${id}`);
    await desk.press("Record", { "The patient": "needs the link again", Reason: "Called" });
    bureau.answers(approval(100_000));
    await (await lookAt(sam, `/console/applications/${id}`)).press("Record", {
      "The patient": "has shown who they are",
      Reason: "Showed a license",
    });
    const later = await portal.browser().get(path);
    const offer = await later.press("Show / Ver", { "Date of birth / Fecha de nacimiento": "04/09/1985" });
    expect(offer.heading).toBe("Aprobado: $1,000.00");
    await offer.press("Aceptar y abrir mi cuenta", { "He leído el contrato": true, "Entiendo que": true });
    const letters = (await lettersTo(email)).slice(1);
    expect(letters.map(({ subject }) => subject)).toEqual([
      "Acerca de su solicitud de Caraway",
      "Su solicitud de Caraway todavía le espera",
      "El enlace a su solicitud de Caraway",
      "Su solicitud de Caraway fue aprobada",
      "Su cuenta Caraway",
    ]);
    for (const { text } of letters) expect(text).not.toMatch(/\b(the|your|you|please)\b/i);
    const { account_id } = await rowOf(email);
    const patient = await portal
      .db("patients")
      .whereIn("id", portal.db("accounts").where({ id: account_id }).select("patient_id"))
      .first();
    expect(patient.language).toBe("es");
  });

  test("another practice sees neither link nor application", async () => {
    const { browser, path, email } = await invited();
    const { mallory } = await foundMallorys(portal);
    const thief = await logIn(portal, mallory);
    expect((await thief.get("/applications/link")).text).not.toContain(email);
    await applyBy(browser, path, email);
    expect((await thief.get(`/applications/${(await rowOf(email)).id}`)).status).toBe(404);
  });
});
