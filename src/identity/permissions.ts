import type { NextFunction, Request, Response } from "express";
import { Refused } from "../platform/errors.ts";
import { UnderMaintenance } from "../platform/maintenance.ts";

declare global {
  namespace Express {
    interface Locals {
      /** This request would change something while the portal is under maintenance. */
      waitsForMaintenance?: boolean;
    }
  }
}

export type Role = "clerk" | "biller" | "owner" | "support" | "administrator";

const self = ["change own settings"] as const;
const desk = [
  ...self,
  "see the dashboard",
  "look up accounts",
  "take applications",
  "record sales",
  "see transactions",
  "use resources",
  "ask support",
] as const;
const billing = ["refund sales", "see reports"] as const;

/** What each role may do. A permission is named on the line of its route, and nowhere else. */
const permissionsOf = {
  clerk: desk,
  biller: [...desk, ...billing],
  owner: [...desk, ...billing, "manage people", "manage the practice", "see training"],
  support: [
    ...self,
    "use the console",
    "see statements",
    "record payments",
    "approve payments",
    "settle applications",
    "write to patients",
    "answer support",
    "see operations",
  ],
  administrator: [
    ...self,
    "use the console",
    "see statements",
    "record payments",
    "approve payments",
    "settle applications",
    "write to patients",
    "answer support",
    "except from second factors",
    "see operations",
    "run maintenance",
    "write incidents",
    "see the audit log",
    "handle orders",
    "set training rules",
    "review enrollments",
    "manage staff",
  ],
} as const satisfies Record<Role, readonly string[]>;

export type Permission = (typeof permissionsOf)[Role][number];

/**
 * Whose forms are taken during maintenance too: they move no money and touch no patient, but let people in or end it. Any
 * other permission waits.
 */
const takenDuringMaintenance: readonly Permission[] = [
  "change own settings",
  "ask support",
  "answer support",
  "use the console",
  "except from second factors",
  "run maintenance",
  "write incidents",
];

/** Whether a role has a permission. */
export function roleMay(role: Role, permission: Permission): boolean {
  return (permissionsOf[role] as readonly string[]).includes(permission);
}

/** The roles as people call them. */
export const roleNames: Record<Role, string> = {
  clerk: "Front desk",
  biller: "Biller",
  owner: "Owner",
  support: "Support",
  administrator: "Administrator",
};

/** What a role may do, in a sentence: "May look up accounts, take applications…"; what everybody may is left out. */
export function permissionsInWords(role: Role): string {
  const everybodys: readonly string[] = [...self, "see the dashboard"];
  return `May ${permissionsOf[role].filter((permission) => !everybodys.includes(permission)).join(", ")}.`;
}

/** Every permission there is: the table of contents of the role matrix. */
export const allPermissions = [...new Set(Object.values(permissionsOf).flat())];

/** Names a route's permission: refuses (403) whoever's role lacks it. Runs after log-in is established. */
export function may(permission: Permission) {
  if (!allPermissions.includes(permission)) throw new Error(`No role has the permission "${permission}"`);
  const guard = (_req: Request, res: Response, next: NextFunction) => {
    if (!roleMay(res.locals.viewer.role, permission)) {
      throw new Refused(403, "Your role does not include this. Ask the owner of your practice if you need it.");
    }
    if (res.locals.waitsForMaintenance && !takenDuringMaintenance.includes(permission)) throw new UnderMaintenance();
    next();
  };
  return Object.assign(guard, { permission });
}
