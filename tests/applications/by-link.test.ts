import { describe, expect, test } from "vitest";
import { lapseApplications } from "../../src/applications/end-application.ts";
import { addDays } from "../../src/lib/calendar.ts";
import { formatDate } from "../../src/lib/dates.ts";
import { filledApplication } from "../support/applications.ts";
import type { Browser, Filling, Page } from "../support/browser.ts";
import { approval, scriptedBureau } from "../support/bureau.ts";
import { foundMallorys, foundPractice, logIn, somePatient } from "../support/people.ts";
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
const applyBy = async (browser: Browser, path: string, email: string): Promise<Page> =>
  (await browser.get(path)).press("Submit application", filled(email));
const accepted = { "I have read the agreement": true, "I understand that on a plan": true };
const rowOf = (email: string) => portal.db("applications").where({ email }).first();
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
      "interest will be charged to your account from the purchase date if the promotional balance is not paid in full",
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

  test("refused by the patient: withdrawn, and can no longer be accepted", async () => {
    const { browser, path, email } = await invited();
    bureau.answers(approval(100_000));
    const page = await applyBy(browser, path, email);
    expect((await page.press("No, thank you")).heading).toBe("Withdrawn");
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
      (await lettersTo(email)).slice(2).map(({ text }) => /was not accepted by|expires on|works until/.test(text)),
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
    const first = await form.press("Submit application", filled(email));
    expect((await form.press("Submit application", filled(email))).heading).not.toBe("");
    const other = await form.press(
      "Submit application",
      filled(email, { "First name": "Somebody", "Last name": "Else" }),
    );
    expect(other.status).toBe(422);
    expect(first.heading).toBe("You are approved for $1,000.00");
    expect(await portal.db("applications").where({ email })).toHaveLength(1);
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
