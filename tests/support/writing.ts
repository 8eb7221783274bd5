import type { Browser, Filling, Page } from "./browser.ts";

/** Writes to support, and goes where that leads. */
export async function writeToSupport(browser: Browser, filling: Filling = {}): Promise<Page & { id: string }> {
  const form = await browser.get("/support");
  const page = await form.press("Send message", { Subject: "A deposit", Message: "Where is it?", ...filling });
  return Object.assign(page, { id: page.path.split("/").at(-1) ?? "" });
}
