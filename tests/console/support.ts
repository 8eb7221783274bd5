import type { Browser, Page } from "../support/browser.ts";

/** A page of the console, with a reason where it asks for one. */
export async function lookAt(desk: Browser, path: string, reason = "Called about it"): Promise<Page> {
  return withReason(await desk.get(path), reason);
}

/** Gives the reason that a page asks for, if it asks. */
export async function withReason(page: Page, reason = "Called about it"): Promise<Page> {
  return page.heading === "Why do you look?" ? page.press("Open", { Reason: reason }) : page;
}
