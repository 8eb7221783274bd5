import type { PracticeViewer } from "../identity/viewer.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { findPractice, offeredPlans } from "../practices/queries.ts";
import type { Language } from "./language.ts";
import { type MadeOut, makeOut, materials } from "./materials.ts";

export type OrderStatus = "ordered" | "printed" | "sent" | "cancelled";

/** What an order may become. A practice cancels what is not printed yet; administrators do the rest. */
export const nextOf: Record<OrderStatus, OrderStatus[]> = {
  ordered: ["printed", "cancelled"],
  printed: ["sent", "cancelled"],
  sent: [],
  cancelled: [],
};

export type Order = {
  id: string;
  practiceId: string;
  practiceName: string;
  material: string;
  title: string;
  language: Language;
  line: string;
  copies: number;
  recipient: string;
  street: string;
  city: string;
  state: string;
  zip: string;
  status: OrderStatus;
  orderedAt: Date;
  steps: { status: OrderStatus; by: string; at: Date }[];
};

/** Orders, newest first: of the viewer's practice. */
export const ordersOf = (db: Db, viewer: PracticeViewer): Promise<Order[]> =>
  readOrders(db, (query) => query.where("o.practice_id", viewer.practice.id).orderBy("o.ordered_at", "desc").limit(50));

/** An order of the viewer's practice; 404 for another's. */
export async function findOrder(db: Db, viewer: PracticeViewer, id: string): Promise<Order> {
  const [order] = await readOrders(db, (query) => query.where({ "o.id": id, "o.practice_id": viewer.practice.id }));
  if (!order) throw notFound();
  return order;
}

/** For administrators: what waits, the oldest first, and then what was done last. */
export const allOrders = (db: Db): Promise<Order[]> =>
  readOrders(db, (query) =>
    query
      .orderByRaw("o.status not in ('ordered', 'printed')")
      .orderByRaw("case when o.status in ('ordered', 'printed') then o.ordered_at end, o.ordered_at desc")
      .limit(200),
  );

/** For administrators: any order. */
export async function anyOrder(db: Db, id: string): Promise<Order> {
  const [order] = await readOrders(db, (query) => query.where("o.id", id));
  if (!order) throw notFound();
  return order;
}

async function readOrders(
  db: Db,
  chosen: (query: ReturnType<typeof orders>) => PromiseLike<unknown>,
): Promise<Order[]> {
  const rows = (await chosen(orders(db))) as Omit<Order, "title" | "steps">[];
  const steps = await db("material_order_steps as s")
    .join("users as u", "u.id", "s.moved_by")
    .whereIn(
      "s.order_id",
      rows.map(({ id }) => id),
    )
    .orderBy("s.moved_at")
    .select("s.order_id as orderId", "s.status", "u.name as by", "s.moved_at as at");
  return rows.map((row) => ({
    ...row,
    title: materials.find(({ slug }) => slug === row.material)?.words[row.language]?.title ?? row.material,
    steps: steps.filter(({ orderId }) => orderId === row.id),
  }));
}

const orders = (db: Db) =>
  db("material_orders as o")
    .join("practices as p", "p.id", "o.practice_id")
    .select(
      "o.id",
      "o.practice_id as practiceId",
      "p.name as practiceName",
      "o.material",
      "o.language",
      "o.line",
      "o.copies",
      "o.recipient",
      "o.street",
      "o.city",
      "o.state",
      "o.zip",
      "o.status",
      "o.ordered_at as orderedAt",
    );

/** What has to be printed for an order. @throws Declined where it may no longer be said, because the plans changed */
export async function printOf(
  db: Db,
  order: Order,
  given: { program: { name: string; accent?: string | undefined }; today: string },
): Promise<MadeOut> {
  const material = materials.find(({ slug }) => slug === order.material);
  if (!material) throw notFound();
  const [practice, plans] = await Promise.all([findPractice(db, order.practiceId), offeredPlans(db, order.practiceId)]);
  return makeOut(material, { practice, plans, language: order.language, line: order.line, ...given });
}
