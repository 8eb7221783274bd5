import { addDays, dayNumber, dayOfMonth, type IsoDate } from "./calendar.ts";

/**
 * Whether the Federal Reserve Banks are open, so that money moves: not on Saturdays and Sundays, nor on their holidays.
 * A holiday on a Sunday is kept on the Monday; one on a Saturday is not made up for: the Friday before is open
 * (frbservices.org, holiday schedules).
 */
export function isBankingDay(date: IsoDate): boolean {
  const day = weekday(date);
  if (day === saturday || day === sunday || isHoliday(date)) return false;
  return !(day === monday && isHoliday(addDays(date, -1)));
}

/** The banking day so many banking days after a date, which need not be one itself. */
export function addBankingDays(date: IsoDate, days: number): IsoDate {
  let day = date;
  for (let left = days; left > 0; ) {
    day = addDays(day, 1);
    if (isBankingDay(day)) left -= 1;
  }
  return day;
}

const [sunday, monday, thursday, saturday] = [0, 1, 4, 6];

/** 0 is Sunday. The first of January 1970 was a Thursday. */
const weekday = (date: IsoDate) => (((dayNumber(date) + 4) % 7) + 7) % 7;

function isHoliday(date: IsoDate): boolean {
  // New Year's Day, Juneteenth, Independence Day, Veterans Day, Christmas Day.
  if (["01-01", "06-19", "07-04", "11-11", "12-25"].includes(date.slice(5))) return true;
  const month = Number(date.slice(5, 7));
  const day = weekday(date);
  const which = Math.ceil(dayOfMonth(date) / 7);
  if (day === thursday) return month === 11 && which === 4; // Thanksgiving Day
  if (day !== monday) return false;
  // Martin Luther King's, Washington's, Columbus Day; Labor Day; Memorial Day is the last Monday of May.
  if (which === 3) return month === 1 || month === 2;
  return (which === 2 && month === 10) || (which === 1 && month === 9) || (month === 5 && dayOfMonth(date) > 24);
}
