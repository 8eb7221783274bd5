import { join } from "node:path";
import { Eta } from "eta";
import type { Request, Response } from "express";
import { formatDate, formatDateTime, formatTime } from "../lib/dates.ts";
import { formatDecimal, formatMoney } from "../lib/money.ts";
import { formatPhone } from "../lib/phone.ts";
import { capitalized, counted } from "../lib/wording.ts";
import type { Assets } from "./assets.ts";
import type { Config } from "./config.ts";
import { TooOften } from "./errors.ts";
import type { Words } from "./maintenance-words.ts";
import type { Notices } from "./notice.ts";
import { root } from "./root.ts";

/**
 * What every page says of itself. `errors` puts "Error:" before the title; `back` is the link above the heading;
 * `forPatient` leaves out what is about logging in, which no patient does.
 */
export type Page = { title: string; back?: { href: string; label: string }; wide?: boolean; forPatient?: boolean };

/** A page's own data, as its template reads it. */
export type PageData = { page: Page; errors?: Record<string, string> | undefined } & Record<string, unknown>;

/** What the layout needs of the request: supplied by `app.ts`, so that this floor knows nothing of people. */
export type Frame = {
  viewer: unknown;
  csrf: string;
  idle: unknown;
  help: string;
  maintenance: Words | null;
  hasKeptForm: boolean;
};

type Show = (view: string, data: PageData, options?: { status?: number; fragment?: string }) => void;

declare global {
  namespace Express {
    interface Locals {
      /**
       * Answers with a page, or with the named fragment of it when HTMX asks: the two render the same template.
       * A page that says what is wrong is a 422 by itself; templates always find `errors` to be an object.
       */
      show: Show;
      /** Says a sentence on the next page that this browser opens, once. */
      tellNext: (text: string) => void;
      /** A piece of a page alone, for what is streamed. */
      part: (view: string, data: Record<string, unknown>) => string;
    }
  }
}

class PortalEta extends Eta {
  ui = {
    money: formatMoney,
    decimal: formatDecimal,
    date: formatDate,
    dateTime: formatDateTime,
    time: formatTime,
    phone: formatPhone,
    counted,
    capitalized,
  };
}

/** The templates, and the middleware that puts `show` on `res.locals`. */
export function openViews(
  config: Config,
  assets: Assets,
  { frame, notices }: { frame: (req: Request, res: Response) => Frame; notices: Notices },
) {
  const eta = new PortalEta({
    views: join(root, "views"),
    cache: true, // `npm run dev` starts again when a template changes
    functionHeader: "const { money, decimal, date, dateTime, time, phone, counted, capitalized } = this.ui;",
  });

  return function views(req: Request, res: Response, next: () => void) {
    res.locals.tellNext = (text) => notices.leave(req, res, text);
    res.locals.part = (view, data) => eta.render(`/${view}`, { program: config.program, ...data });
    res.locals.show = (view, { errors = {}, ...data }, { status, fragment } = {}) => {
      const wrong = Object.keys(errors).length > 0;
      const partial = fragment !== undefined && req.get("hx-request") === "true";
      const html = eta.render(`/${partial ? fragment : view}`, {
        program: config.program,
        ...frame(req, res),
        notice: partial ? null : notices.take(req, res),
        demo: config.demo,
        assets: assets.urls,
        path: req.path,
        errors,
        ...data,
        page: { ...data.page, errors: wrong },
      });
      res.status(status ?? (wrong ? 422 : 200)).vary("HX-Request");
      // Past Express's `send`, which works out anew at each page what is the same for all.
      res.setHeader("Content-Type", "text/html; charset=utf-8").end(html);
    };
    next();
  };
}

/** Sends the browser on after a post: 303 to a page; `told` is said there once. */
export function goTo(res: Response, path: string, told?: string): void {
  if (told) res.locals.tellNext(told);
  res.redirect(303, path);
}

/** For a form that is shown again: 429 with Retry-After when the same may be asked again later, else what `show` says. */
export function againLater(res: Response, error: unknown): { status?: number } {
  if (!(error instanceof TooOften)) return {};
  res.set("Retry-After", String(error.retryAfterSeconds));
  return { status: 429 };
}
