import type { Browser, Filling, Page, Sending } from "./browser.ts";
import { somePatient } from "./people.ts";

/** An application of somebody new, all of it filled in. */
export function filledApplication(filling: Filling = {}): Filling {
  const { firstName, lastName, phone, email } = somePatient();
  return {
    "First name": firstName,
    "Last name": lastName,
    "Date of birth": "04/09/1985",
    "Social Security number": "987-65-4321",
    "Street address": "9 Elm St",
    City: "Austin",
    State: "TX",
    "ZIP code": "78704",
    Housing: "Rent",
    "Monthly housing cost": "1,234.56",
    "Mobile phone": phone,
    "E-mail": email,
    "Annual income": "$61,357.91",
    "Income source": "Employment",
    "The patient agrees that their credit report": true,
    "The patient agrees to receive the agreement": true,
    "The patient has seen the rates and fees": true,
    ...filling,
  };
}

/** What pressing Submit application would send. */
export async function applicationOf(browser: Browser, filling: Filling = {}): Promise<Sending> {
  const form = await browser.get("/applications/new");
  return form.sending("Submit application", filledApplication(filling));
}

/** Keys an application and goes where that leads. */
export async function apply(browser: Browser, filling: Filling = {}): Promise<Page> {
  return browser.send(await applicationOf(browser, filling));
}
