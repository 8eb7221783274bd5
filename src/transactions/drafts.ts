import type { PracticeViewer } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";

const startAgain = "This form is no longer current. Open it again from the account, and check whether it was recorded.";

/** A reviewed form: what will be done when its button is pressed, under the id that it will then have. */
export type Draft<Typed> = { id: string; subjectId: string; typed: Typed };

/**
 * Keeps what a reviewed sale or refund says. The form's own key is the id, so going back to change something and
 * reviewing again changes this draft and makes no second one.
 * @throws Declined when the key belongs to another form, or was already carried out with something else in it
 */
export async function saveDraft<Typed extends object>(
  { db, clock }: { db: Db; clock: Clock },
  viewer: PracticeViewer,
  draft: Draft<Typed> & { kind: "sale" | "refund" },
): Promise<void> {
  const saved = await db("drafts as d")
    .insert({
      id: draft.id,
      practice_id: viewer.practice.id,
      kind: draft.kind,
      subject_id: draft.subjectId,
      typed: JSON.stringify(draft.typed),
      saved_at: clock.now(),
    })
    .onConflict("id")
    .merge(["typed", "saved_at"])
    .where({ "d.practice_id": viewer.practice.id, "d.kind": draft.kind, "d.subject_id": draft.subjectId })
    .returning("d.id");
  if (!saved.length) throw new Declined({ form: startAgain });
}

type Named = { id: string; kind: "sale" | "refund"; subjectId: string };

/** The draft under a key, if it is this practice's and of this account or sale. */
export async function findDraft<Typed>(db: Db, viewer: PracticeViewer, named: Named): Promise<Draft<Typed> | null> {
  const row = await drafts(db, viewer, named).first("typed");
  return row ? { id: named.id, subjectId: named.subjectId, typed: row.typed } : null;
}

/**
 * The draft that a pressed button names, its row held: its carrying out and its changing never cross.
 * @throws Declined when there is none
 */
export async function takeDraft<Typed>(trx: Trx, viewer: PracticeViewer, named: Named): Promise<Draft<Typed>> {
  const row = await drafts(trx, viewer, named).forUpdate().first("typed");
  if (!row) throw new Declined({ form: startAgain });
  return { id: named.id, subjectId: named.subjectId, typed: row.typed };
}

const drafts = (db: Db, viewer: PracticeViewer, { id, kind, subjectId }: Named) =>
  db("drafts").where({ id, practice_id: viewer.practice.id, kind, subject_id: subjectId });

/** Forgets what was reviewed a week ago: carried out long since, or never. */
export async function forgetDrafts({ db, clock }: { db: Db; clock: Clock }): Promise<void> {
  await db("drafts")
    .where("saved_at", "<", new Date(clock.now().getTime() - 7 * 86_400_000))
    .delete();
}
