import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { declinedOrThrow } from "../platform/errors.ts";
import { choice, emailAddress, keyIn, line, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { changeRole, removePerson, restorePerson } from "./change-person.ts";
import { askFactorOf, peopleOfPractice } from "./factor-policy.ts";
import { type InviteParts, invite, sendInvitationAgain, withdrawInvitation } from "./invite.ts";
import { findPersonOf, openInvitationsOf, peopleOf } from "./people.ts";
import { may, type Permission, permissionsInWords, type Role, roleNames } from "./permissions.ts";
import { type Team, teamOf } from "./team.ts";
import { freshlyProved, practiceViewer, refuseHeldBack } from "./viewer.ts";

const roles = ["clerk", "biller", "owner", "support", "administrator"] as const;
const roleForm = z.object({ role: choice(roles, "Choose a role") });
const inviteForm = roleForm.extend({
  name: line("Enter the name", 80),
  email: emailAddress("Enter the e-mail address"),
  location: z.union([z.uuid(), z.literal("")]).default(""),
});

export type PeopleParts = InviteParts & {
  /** The places that somebody of a practice may mostly work at. */
  locationsOf(practiceId: string): Promise<{ id: string; name: string }[]>;
};

/** The people of the viewer's practice, for its owner: second factors, and all that teams have. */
export function peopleRoutes(parts: PeopleParts): Router {
  const router = Router();
  const manage = may("manage people");
  const fresh = freshlyProved(parts.clock);

  router.get("/settings/people", manage, fresh, async (_req, res) => {
    const { viewer } = res.locals;
    const team = teamOf(viewer, parts.program.name);
    const [asked, invitations, everyone] = await Promise.all([
      peopleOfPractice(parts.db, practiceViewer(res).practice.id),
      openInvitationsOf(parts.db, team),
      peopleOf(parts.db, team),
    ]);
    const removed = everyone.filter(({ removedAt }) => removedAt);
    const page = { title: "People", back: { href: "/settings", label: "Settings" } };
    const data = { page, base: "/settings/people", now: parts.clock.now(), roleNames, invitations, removed, ...asked };
    res.locals.show("identity/people", data);
  });

  router.post("/settings/people", manage, fresh, async (req, res) => {
    refuseHeldBack(res.locals.viewer);
    const { everybody, ...fields } = typedIn(req.body);
    const people = Object.keys(fields)
      .filter((name) => name.startsWith("needs-"))
      .map((name) => uuidIn(name.slice(6)));
    await askFactorOf(parts, res.locals.actor, practiceViewer(res).practice.id, {
      everybody: everybody === "yes",
      people,
    });
    goTo(res, "/settings/people", "Saved.");
  });

  router.use(teamRoutes(parts, { base: "/settings/people", label: "People", permission: "manage people" }));
  return router;
}

/** The program's own staff, for administrators. */
export function staffRoutes(parts: PeopleParts): Router {
  const router = Router();

  router.get("/admin/staff", may("manage staff"), freshlyProved(parts.clock), async (_req, res) => {
    const team = teamOf(res.locals.viewer, parts.program.name);
    const [everyone, invitations] = await Promise.all([peopleOf(parts.db, team), openInvitationsOf(parts.db, team)]);
    const people = everyone.filter(({ removedAt }) => !removedAt);
    const removed = everyone.filter(({ removedAt }) => removedAt);
    const data = { base: "/admin/staff", now: parts.clock.now(), roleNames, people, removed, invitations };
    res.locals.show("identity/staff", { page: { title: "Staff" }, ...data });
  });

  router.use(teamRoutes(parts, { base: "/admin/staff", label: "Staff", permission: "manage staff" }));
  return router;
}

/** What is done with the people of a team: invite, change the role, remove, restore. Each asks for a fresh proof. */
function teamRoutes(parts: PeopleParts, pages: { base: string; label: string; permission: Permission }): Router {
  const router = Router();
  const { db, clock, program } = parts;
  const { base } = pages;
  const guards = [may(pages.permission), freshlyProved(clock)] as const;
  const team = (res: Response): Team => teamOf(res.locals.viewer, program.name);
  const back = { href: base, label: pages.label };
  const choicesOf = ({ roles }: Team) =>
    roles.map((role) => ({ value: role, label: roleNames[role], hint: permissionsInWords(role) }));

  // Invitations

  const showInvite = async (res: Response, given: { typed?: Typed; errors?: Record<string, string> } = {}) => {
    const own = team(res);
    const places = own.practiceId ? await parts.locationsOf(own.practiceId) : [];
    const typed = { key: randomUUIDv7(), location: places[0]?.id ?? "", ...given.typed };
    const data = { base, roleChoices: choicesOf(own), places, typed, errors: given.errors };
    res.locals.show("identity/invite", { page: { title: "Invite a person", back }, ...data });
  };

  router.get(`${base}/invitations/new`, ...guards, (_req, res) => showInvite(res));

  router.post(`${base}/invitations`, ...guards, async (req, res) => {
    refuseHeldBack(res.locals.viewer);
    const id = keyIn(req.body);
    try {
      const { location, ...form } = readForm(inviteForm, req.body);
      const own = team(res);
      const places = own.practiceId ? await parts.locationsOf(own.practiceId) : [];
      const locationId = places.find((place) => place.id === location)?.id ?? null;
      const given = { viewer: res.locals.viewer, team: own, invited: { id, ...form, locationId } };
      await invite(parts, res.locals.actor, given);
      goTo(res, base, `Invited: ${form.name}. The link in the e-mail works for seven days.`);
    } catch (error) {
      await showInvite(res, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.post(`${base}/invitations/:id/sending`, ...guards, async (req, res) => {
    refuseHeldBack(res.locals.viewer);
    const given = { viewer: res.locals.viewer, team: team(res), id: uuidIn(req.params.id) };
    await sendInvitationAgain(parts, res.locals.actor, given);
    goTo(res, base, "Sent again. The link that was sent before is dead.");
  });

  router.post(`${base}/invitations/:id/withdrawal`, ...guards, async (req, res) => {
    refuseHeldBack(res.locals.viewer);
    await withdrawInvitation(parts, res.locals.actor, { team: team(res), id: uuidIn(req.params.id) });
    goTo(res, base, "Withdrawn. The link is dead.");
  });

  // One person

  const showPerson = async (
    res: Response,
    id: string,
    given: { typed?: Typed; errors?: Record<string, string> } = {},
  ) => {
    const own = team(res);
    const person = await findPersonOf(db, own, id);
    const typed = { role: person.role, ...given.typed };
    const isOwn = person.id === res.locals.viewer.id;
    const data = { base, person, isOwn, roleNames, roleChoices: choicesOf(own), typed, errors: given.errors };
    res.locals.show("identity/person", { page: { title: person.name, back }, ...data });
  };

  router.get(`${base}/:id`, ...guards, (req, res) => showPerson(res, uuidIn(req.params.id)));

  const act = (
    noun: string,
    run: (res: Response, given: { personId: string; role: string | undefined }) => Promise<string>,
  ) =>
    router.post(`${base}/:id/${noun}`, ...guards, async (req, res) => {
      refuseHeldBack(res.locals.viewer);
      const personId = uuidIn(req.params.id);
      try {
        const told = await run(res, { personId, role: typedIn(req.body).role });
        goTo(res, `${base}/${personId}`, told);
      } catch (error) {
        await showPerson(res, personId, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
      }
    });
  const change = (res: Response, personId: string) => ({ by: res.locals.viewer, team: team(res), personId });

  act("role", async (res, { personId, role }) => {
    const form: { role: Role } = readForm(roleForm, { role });
    await changeRole(parts, res.locals.actor, { ...change(res, personId), ...form });
    return `Saved. The role is now: ${roleNames[form.role]}.`;
  });
  act("removal", async (res, { personId }) => {
    await removePerson(parts, res.locals.actor, change(res, personId));
    return "Removed. Every log-in was ended.";
  });
  act("restoration", async (res, { personId }) => {
    await restorePerson(parts, res.locals.actor, change(res, personId));
    return "Restored. The person can log in again.";
  });

  return router;
}
