import type { PracticeViewer } from "../identity/viewer.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Language } from "./language.ts";
import type { Material } from "./materials.ts";
import { anyOrder, nextOf, type Order, type OrderStatus } from "./orders.ts";

type Parts = { db: Db; clock: Clock; program: { name: string }; publicUrl: string };

export type Wanted = {
  material: Material;
  language: Language;
  line: string;
  copies: number;
  recipient: string;
  street: string;
  city: string;
  state: string;
  zip: string;
};

/**
 * Orders printed copies for the viewer's practice, and tells whoever ordered by mail. The same form sent twice orders
 * once.
 * @throws Declined when the form was changed after it had ordered
 */
export async function orderMaterial(
  parts: Parts,
  viewer: PracticeViewer,
  { id, wanted }: { id: string; wanted: Wanted },
): Promise<void> {
  const { db, clock } = parts;
  const { material, ...rest } = wanted;
  const row = { ...rest, material: material.slug, practice_id: viewer.practice.id };
  await db.transaction(async (trx) => {
    const made = await trx("material_orders")
      .insert({ id, ...row, status: "ordered", ordered_at: clock.now() })
      .onConflict("id")
      .ignore()
      .returning("id");
    if (made.length === 0) {
      if (
        await trx("material_orders")
          .where({ id, ...row })
          .first("id")
      )
        return;
      throw new Declined({ form: "This form has ordered already. To order more, begin again from the material." });
    }
    await stepTo(parts, trx, viewer.actor, { id, status: "ordered", by: viewer.id });
  });
}

/**
 * Moves an order on, and tells whoever ordered.
 * @param given.from as it was shown: of two people who press at once, one is told that it is done
 * @throws Declined when it has moved on meanwhile, or may not become that
 */
export async function moveOrder(
  parts: Parts,
  actor: Actor,
  given: { id: string; from: OrderStatus; to: OrderStatus; by: string; practiceId?: string },
): Promise<void> {
  const { id, from, to, by, practiceId } = given;
  await parts.db.transaction(async (trx) => {
    const order = trx("material_orders").where({ id, ...(practiceId && { practice_id: practiceId }) });
    if (!(await order.clone().first("id"))) throw notFound();
    if (!nextOf[from].includes(to)) throw new Declined({ form: `An order that is ${from} cannot become ${to}.` });
    const moved = await order.where({ status: from }).update({ status: to });
    if (!moved) throw new Declined({ form: "This order has moved on meanwhile. Look at it again." });
    await stepTo(parts, trx, actor, { id, status: to, by });
  });
}

async function stepTo(
  { clock, program, publicUrl }: Parts,
  trx: Trx,
  actor: Actor,
  step: { id: string; status: OrderStatus; by: string },
): Promise<void> {
  const { id, status, by } = step;
  await trx("material_order_steps").insert({ order_id: id, status, moved_by: by, moved_at: clock.now() });
  await audit(trx, actor, { at: clock.now(), action: `material ${status}`, subjectId: id });
  const order = await anyOrder(trx, id);
  const orderer = await trx("material_order_steps as s")
    .join("users as u", "u.id", "s.moved_by")
    .where({ "s.order_id": id, "s.status": "ordered" })
    .first("u.email", "u.name");
  const text = `Dear ${orderer.name},

${sentenceOf(order)}

  ${order.copies} × ${order.title}
  ${order.recipient}, ${order.street}, ${order.city}, ${order.state} ${order.zip}

See it at ${publicUrl}/resources/orders/${id}

${program.name}`;
  await sendMessage(trx, clock.now(), {
    channel: "email",
    to: orderer.email,
    subject: `${subjects[status]}: ${order.title}`,
    text,
  });
}

const subjects: Record<OrderStatus, string> = {
  ordered: "Your order",
  printed: "Printed",
  sent: "On its way",
  cancelled: "Order cancelled",
};

function sentenceOf({ status }: Order): string {
  if (status === "ordered") return "Thank you, we have your order. You can cancel it until it is printed.";
  if (status === "printed") return "Your order is printed and is being packed.";
  if (status === "sent") return "Your order is on its way.";
  return "Your order was cancelled. Nothing will be sent.";
}
