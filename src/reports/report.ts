import type { PlanId } from "../credit/plans.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Bar } from "../platform/chart.ts";
import type { Db } from "../platform/db.ts";
import type { Period } from "./period.ts";

/** How a value is written: money are cents, a share is 0 to 1. */
export type As = "text" | "date" | "money" | "count" | "share";
export type Value = string | number | null;
export type Row = Record<string, Value>;

/**
 * A column of lines or of a table. `to` and `hint` name the keys of the row that hold the address which the cell links
 * to and the small words under it; `fileOnly` columns stand in CSV and XLSX, where there is room.
 */
export type Column = {
  key: string;
  name: string;
  as: As;
  main?: true;
  to?: string;
  hint?: string;
  fileOnly?: true;
};

/** What is asked: by whom, of which days (of which time zone), places and plans. */
export type Ask = { db: Db; viewer: { practice: { id: string } }; today: IsoDate; timeZone: string; filter: Filter };
export type Filter = Period & {
  locationId?: string | undefined;
  planId?: PlanId | undefined;
  /** Only deposits of this amount; where the report has deposits. */
  depositCents?: Cents | undefined;
};

/** A figure that matters, and what it was in the period before (undefined: not to be compared). */
export type Figure = { name: string; as: As; value: Value; before?: number | null; note?: string };

export type Table = { caption: string; columns: Column[]; rows: Row[]; total?: Row };

/** What a report says at the top: figures, a chart of one of them, and its figures as a table. */
export type Summary = {
  figures: Figure[];
  chart: { name: string; as: As; bars: Bar[] } | null;
  table: Table;
  /** What comes near to what was looked for, where nothing is it. */
  near?: Table;
};

/**
 * A question whose rows are the report's lines. It answers with the columns, and with `sort_on` (a date) and `sort_id`
 * (a text), by which the lines are ordered and paged.
 */
export type Lines = { sql: string; bindings: Record<string, Value> };

/** A report: one file of these, one line in `all-reports.ts`; page, CSV, XLSX, comparison and print follow by themselves. */
export type Report = {
  /** Its address, `/reports/…`, and the name of its files. */
  slug: string;
  title: string;
  /** One sentence for the list of reports. */
  about: string;
  /** Which days From and To are, in a sentence. */
  days: string;
  /** What it begins with, where nothing was typed. */
  begins: (today: IsoDate) => Period;
  summary: (ask: Ask) => Promise<Summary>;
  columns: Column[];
  lines: (ask: Ask) => Lines;
  /** Whether it can be narrowed to the deposits of an amount. */
  ofDeposits?: true;
  /** Other files of the same days, each by its name in the address. */
  files?: Record<string, { name: string; make: (ask: Ask) => Promise<string> }>;
  /** What is said where there are no lines. */
  nothing: string;
};

/** The month so far. */
export const thisMonth = (today: IsoDate): Period => ({ from: `${today.slice(0, 8)}01`, to: today });

/** The days that reports count by: one calendar for all, so that reports, deposits and the ledger agree. */
export const businessDays =
  "Days are business days of the program, midnight to midnight in its own time zone, as in the ledger.";

/** The part of a question that keeps to the filter's location and plan; columns of the table that is named. */
export const chosen = (table: string) =>
  `(:location::uuid is null or ${table}.location_id = :location) and (:plan::text is null or ${table}.plan_id = :plan)`;

/** What `chosen` and most questions are asked with. */
export const bindingsOf = ({ viewer, filter }: Ask, period: Period = filter) => ({
  practice: viewer.practice.id,
  from: period.from,
  to: period.to,
  location: filter.locationId ?? null,
  plan: filter.planId ?? null,
  deposit: filter.depositCents ?? null,
});
