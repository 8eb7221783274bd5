import type { Browser, Page } from "../support/browser.ts";
import { addPerson, logIn, type TestPerson } from "../support/people.ts";
import type { Portal } from "../support/portal.ts";

/** Ada, an administrator of the program. */
export const hireAda = (portal: Portal): Promise<TestPerson> =>
  addPerson(portal, { name: "Ada Stone", role: "administrator", practice: null });

export type Filled = { Mode: "Off" | "Read-only" | "Full"; Message?: string; Starts?: string; Ends?: string };

/** What an administrator does on the maintenance page. */
export async function setMaintenance(ada: Browser, filled: Filled): Promise<Page> {
  const page = await ada.get("/admin/maintenance");
  return page.press("Save", { Message: "", Starts: "", Ends: "", ...filled });
}

/** Ada at her browser, and how she switches. */
export async function adaOf(portal: Portal) {
  const ada = await logIn(portal, await hireAda(portal));
  return { ada, set: (filled: Filled) => setMaintenance(ada, filled) };
}
