import type { Report } from "./report.ts";
import { sales } from "./sales.ts";

/** The reports, in the order of the list. */
export const allReports: Report[] = [sales];
