import { closeOnOrAfter, dueDateOf } from "../credit/cycle.ts";
import type { PlanId } from "../credit/plans.ts";
import { addDays, addMonths, dayOfMonth } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { seededRandom } from "./random.ts";

export type DemoPatient = {
  firstName: string;
  lastName: string;
  bornOn: IsoDate;
  ssn: string;
  phone: string;
  email: string;
  street: string;
  accountNumber: string;
  /** Zero: the bureau declines. */
  limitCents: Cents;
};

export type FixedPatient = DemoPatient & {
  openedOn: IsoDate;
  sales: { planId: PlanId; amountCents: Cents; on: IsoDate; payments: { amountCents: Cents; on: IsoDate }[] }[];
  closedOn?: IsoDate;
};

/** The four that everybody may rely on, relative to today. */
export function fixedPatients(today: IsoDate): FixedPatient[] {
  const mariaSold = addMonths(addDays(today, 40), -12);
  const mariaOpened = addDays(mariaSold, -1);
  const jamesSold = addMonths(today, -7);
  const jamesOpened = addDays(jamesSold, -3);
  const walterSold = addMonths(today, -16);
  const walterOpened = addMonths(today, -17);
  return [
    {
      ...person("Maria", "Alvarez", "1984-03-12", "900014417", "2025550121", "1208 Willow Creek Dr", "4417"),
      limitCents: 800_000,
      openedOn: mariaOpened,
      sales: [
        {
          planId: "deferred-12",
          amountCents: 120_000,
          on: mariaSold,
          payments: beforeDueDates(mariaOpened, mariaSold, Array(10).fill(5_000)),
        },
      ],
    },
    {
      ...person("James", "Whitfield", "1961-11-02", "900022093", "2025550122", "77 Barton Hills Rd", "2093"),
      limitCents: 500_000,
      openedOn: jamesOpened,
      sales: [
        {
          planId: "fixed-24",
          amountCents: 240_000,
          on: jamesSold,
          // The fixed payment is $119.70. The fourth comes two days late; the fifth takes the late fee of $30 along.
          payments: beforeDueDates(jamesOpened, jamesSold, [12_000, 12_000, 12_000, 12_000, 15_000, 12_000], 4),
        },
      ],
    },
    {
      ...person("Priya", "Nair", "1990-07-25", "900037751", "2025550123", "3405 Guadalupe St", "7751"),
      limitCents: 300_000,
      openedOn: addMonths(today, -2),
      sales: [],
    },
    {
      ...person("Walter", "Boone", "1947-01-30", "900046608", "2025550124", "19 Travis Heights Blvd", "6608"),
      limitCents: 200_000,
      openedOn: walterOpened,
      sales: [
        {
          planId: "standard",
          amountCents: 30_000,
          on: walterSold,
          payments: beforeDueDates(walterOpened, walterSold, [30_000]),
        },
      ],
      closedOn: addMonths(today, -9),
    },
  ];
}

/** Payments for one due date after another from a sale on, each three days early; the one in place `late` two days late. */
function beforeDueDates(openedOn: IsoDate, soldOn: IsoDate, amounts: Cents[], late = 0) {
  const firstClose = closeOnOrAfter(soldOn, cycleDayOf(openedOn));
  return amounts.map((amountCents, index) => {
    const dueOn = dueDateOf(addMonths(firstClose, index));
    return { amountCents, on: addDays(dueOn, index + 1 === late ? 2 : -3) };
  });
}

/** As `openAccount` chooses it. */
export const cycleDayOf = (openedOn: IsoDate) => Math.min(dayOfMonth(openedOn), 28);

/** More patients of Riverside; one in nine is declined. None bears the name of a fixed one. */
export function randomPatients(random: ReturnType<typeof seededRandom>, count: number): DemoPatient[] {
  const names = new Set(["Maria Alvarez", "James Whitfield", "Priya Nair", "Walter Boone"]);
  return Array.from({ length: count }, (_, index) => {
    let firstName = "";
    let lastName = "";
    do {
      firstName = random.pick(firstNames);
      lastName = random.pick(lastNames);
    } while (names.has(`${firstName} ${lastName}`));
    names.add(`${firstName} ${lastName}`);
    const bornOn = `${random.between(1944, 2004)}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`;
    // Last fours of accounts 1000 to 1399 in steps, of SSNs 5000 and up: no fixed patient's, and no two alike.
    const ssn = `9${random.between(10, 89)}${two(random.between(1, 49))}${5000 + index * 13}`;
    const phone = `512555${1000 + index * 17}`;
    const made = person(
      firstName,
      lastName,
      bornOn,
      ssn,
      phone,
      `${random.between(100, 9900)} ${random.pick(streets)}`,
      String(1003 + index * 7),
    );
    return { ...made, limitCents: index % 9 === 8 ? 0 : random.pick([150_000, 250_000, 350_000, 600_000, 800_000]) };
  });
}

function person(
  firstName: string,
  lastName: string,
  bornOn: IsoDate,
  ssn: string,
  phone: string,
  street: string,
  last4: string,
) {
  const email = `${firstName}.${lastName}@example.com`.toLowerCase();
  return { firstName, lastName, bornOn, ssn, phone, email, street, accountNumber: `604410${ssn.slice(0, 6)}${last4}` };
}

const two = (part: number) => String(part).padStart(2, "0");
const firstNames =
  "Aaliyah Adrian Alice Andre Beatriz Carlos Celia Chloe Daniel Delia Diego Elena Emily Ethan Felix Grace Hannah Hector Imani Isaac Jasmine Joel Julia Karen Kwame Laura Leo Lucia Marcus Mei Miguel Naomi Nora Oscar Paula Quinn Rafael Rosa Samuel Sofia Theo Tomas Uma Victor Wendy Yusuf".split(
    " ",
  );
const lastNames =
  "Abbott Acosta Baker Bennett Chen Cruz Daniels Delgado Ellis Fischer Flores Garza Green Hale Hughes Ito Jensen Khan Kowalski Lindgren Lopez Mbeki Meyer Moreno Novak Okoye Patel Pham Quintero Reyes Rossi Sato Schultz Torres Underwood Vance Vega Walsh Xu Yates Zamora".split(
    " ",
  );
const streets = [
  "Oak Hollow Ln",
  "Burnet Rd",
  "Manchaca Rd",
  "E 12th St",
  "Shoal Creek Blvd",
  "Riverside Dr",
  "Red River St",
];
