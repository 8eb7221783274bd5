import type { Viewer } from "../../identity/viewer.ts";
import type { PageData } from "../../platform/view.ts";
import { owner } from "../samples.ts";

/** A page in one state: its template, who looks (nobody: logged out) and the data its route would give it. */
export type Shown = { view: string; viewer: Viewer | null; data: PageData; status?: number };

/** A page for who is logged out. */
export const out = (view: string, title: string, data: object = {}): Shown => ({
  view,
  viewer: null,
  data: { page: { title }, ...data },
});

/** A page as the owner of a practice sees it. */
export const inside = (view: string, title: string, data: object, back?: { href: string; label: string }): Shown => ({
  view,
  viewer: owner,
  data: { page: { title, ...(back && { back }) }, ...data },
});

/** The same with what is wrong beside its fields. */
export const wrong = (shown: Shown, errors: Record<string, string>, more: object = {}): Shown => ({
  ...shown,
  data: { ...shown.data, ...more, errors },
});
