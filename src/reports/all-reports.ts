import { applications } from "./applications.ts";
import { funding } from "./funding.ts";
import { people } from "./people.ts";
import { plans } from "./plans.ts";
import { promotions } from "./promotions.ts";
import type { Report } from "./report.ts";
import { sales } from "./sales.ts";
import { statement } from "./statement.ts";
import { unusedCredit } from "./unused-credit.ts";

/** The reports, in the order of the list. */
export const allReports: Report[] = [sales, funding, applications, plans, promotions, unusedCredit, people, statement];
