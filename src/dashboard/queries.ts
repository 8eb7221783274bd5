import type { PracticeViewer } from "../identity/viewer.ts";
import { addDays, dayNumber } from "../lib/calendar.ts";
import { formatDate, type IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { formatMoney } from "../lib/money.ts";
import { barChart } from "../platform/chart.ts";
import type { Db } from "../platform/db.ts";

export type DayFigures = {
  soldCents: Cents;
  sales: number;
  refundedCents: Cents;
  /** What such a day of the week sold on average over the last eight weeks; 0 where it is usually quiet. */
  usualCents: Cents;
  weekday: string;
  approvedToday: number;
  waiting: number;
  /** The last four weeks, as a small picture. */
  chart: string;
};

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const usualWeeks = 8;
const chartDays = 28;

type Day = { on: IsoDate; sales: number; soldCents: Cents; refundedCents: Cents };

/** The figures a practice's day begins with. */
export async function dayFigures(db: Db, viewer: PracticeViewer, today: IsoDate): Promise<DayFigures> {
  const [{ rows: days }, { rows: applications }] = await Promise.all([
    db.raw<{ rows: Day[] }>(
      `select day as "on", sum(sales)::bigint as sales, sum(sales_cents)::bigint as "soldCents",
         sum(refunds_cents)::bigint as "refundedCents"
       from sales_days where practice_id = :practice and day between :since and :today group by day`,
      { practice: viewer.practice.id, since: addDays(today, -7 * usualWeeks), today },
    ),
    db.raw<{ rows: { approvedToday: number; waiting: number }[] }>(
      `select
         (select count(*) from applications where practice_id = :practice and account_id is not null
           and decided_at > now() - interval '24 hours')::int as "approvedToday",
         (select count(*) from applications where practice_id = :practice
           and (outcome is null or outcome = 'pending'))::int as waiting`,
      { practice: viewer.practice.id },
    ),
  ]);
  const byDay = new Map(days.map((day) => [day.on, day]));
  const { sales = 0, soldCents = 0, refundedCents = 0 } = byDay.get(today) ?? {};
  const before = Array.from({ length: usualWeeks }, (_, week) => byDay.get(addDays(today, -7 * (week + 1))));
  const usualCents = Math.round(before.reduce((sum, day) => sum + (day?.soldCents ?? 0), 0) / usualWeeks);
  const { approvedToday = 0, waiting = 0 } = applications[0] ?? {};
  return {
    soldCents,
    sales,
    refundedCents,
    usualCents,
    approvedToday,
    waiting,
    weekday: weekdays[(((dayNumber(today) + 4) % 7) + 7) % 7] ?? "",
    chart: lastWeeks(today, (day) => byDay.get(day)?.soldCents ?? 0),
  };
}

function lastWeeks(today: IsoDate, soldOn: (day: IsoDate) => Cents): string {
  const days = Array.from({ length: chartDays }, (_, index) => addDays(today, index - chartDays + 1));
  const sum = days.reduce((total, day) => total + soldOn(day), 0);
  return barChart({
    name: "Sales of the last four weeks",
    summary: `${formatMoney(sum)} from ${formatDate(days[0] ?? today)} to ${formatDate(today)}, a bar for each day.`,
    bars: days.map((day) => ({ name: formatDate(day), value: soldOn(day) })),
    format: formatMoney,
    small: true,
  });
}
