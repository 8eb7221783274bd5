import { type Permission, roleMay } from "./identity/permissions.ts";
import type { PracticeViewer, Viewer } from "./identity/viewer.ts";
import { isUnder } from "./lib/places.ts";

/** A line above: with it another part of the work begins. */
const apart = true;

type Entry = { href: string; label: string; icon?: string; permission: Permission; apart?: boolean };

const entries: Entry[] = [
  { href: "/", label: "Dashboard", permission: "change own settings" }, // everybody has one
  { href: "/applications", label: "Applications", permission: "take applications" },
  { href: "/accounts", label: "Accounts", permission: "look up accounts" },
  { href: "/transactions", label: "Transactions", permission: "see transactions" },
  { href: "/reports", label: "Reports", permission: "see reports" },
  { href: "/resources", label: "Resources", permission: "use resources" },
  { href: "/support", label: "Support", permission: "ask support" },
  { href: "/console", label: "Console", permission: "use the console" },
  { href: "/console/chats", label: "Chats", permission: "answer support" },
  { href: "/console/cases", label: "Cases", permission: "answer support" },
  { href: "/console/payments", label: "Payments", icon: "transactions", permission: "approve payments" },
  { href: "/admin/enrollments", label: "Enrollments", icon: "applications", permission: "review enrollments", apart },
  { href: "/admin/orders", label: "Orders", icon: "resources", permission: "handle orders" },
  { href: "/admin/staff", label: "Staff", icon: "accounts", permission: "manage staff" },
  { href: "/admin/maintenance", label: "Maintenance", icon: "admin", permission: "see operations", apart },
  { href: "/admin/incidents", label: "Incidents", icon: "incidents", permission: "see operations" },
  { href: "/admin/audit", label: "Audit log", icon: "audit", permission: "see the audit log" },
  { href: "/settings", label: "Settings", permission: "change own settings" },
];

/** Pages below those that want more than the page above them. */
const inner: { href: string; permission: Permission }[] = [
  { href: "/settings/people", permission: "manage people" },
  { href: "/settings/practice", permission: "manage the practice" },
  { href: "/resources/articles", permission: "change own settings" }, // everybody's
  { href: "/resources/training/people", permission: "see training" },
];

/** The place that a path lies under, the closest where several fit: /console/cases is not the console's first page. */
const closestTo = <Place extends { href: string }>(path: string, places: readonly Place[]): Place | undefined =>
  places.filter(({ href }) => isUnder(path, href)).sort((one, other) => other.href.length - one.href.length)[0];

/** Whether the viewer's role opens a page, as far as the page's place in the portal tells. */
export function mayOpen(viewer: Viewer, path: string): boolean {
  const closest = closestTo(path, [...entries, ...inner]);
  return !closest || roleMay(viewer.role, closest.permission);
}

const places = { support: "Support", administrator: "Administration" } as const;

/**
 * The viewer as the layout shows one: name, place, what the role may do, and the links to it. Where support reads what a
 * practice reads, times are the practice's.
 */
export function viewerFrame(viewer: Viewer, path: string, readsAs?: PracticeViewer) {
  const can = (permission: Permission) => roleMay(viewer.role, permission);
  const here = closestTo(path, entries);
  const nav = entries
    .filter((entry) => can(entry.permission))
    .map(({ href, label, icon = label.toLowerCase(), apart = false }) => ({
      href,
      label,
      icon,
      apart,
      current: href === here?.href,
    }));
  const placeName = viewer.practice?.name ?? places[viewer.role as keyof typeof places];
  return {
    name: viewer.name,
    userId: viewer.userId,
    placeName,
    practice: viewer.practice,
    timeZone: (readsAs ?? viewer).practice?.timeZone,
    can,
    nav,
  };
}
