import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { addPerson, foundMallorys, foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { orderFor } from "./support.ts";

const portal = await openPortal();
const ada = await addPerson(portal, { name: "Ada Stone", role: "administrator", practice: null });

const mailsTo = async (email: string) =>
  (await portal.messages()).filter(({ to }) => to === email).map(({ subject }) => subject);

test("the desk orders posters to its address; an administrator prints and sends them; the desk is told each time", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const poster = await bob.get("/resources/materials/poster-care-now");
  const own = await poster.press("Show it", { "A line of your own": "Open on Saturdays", Language: "Español" });
  const form = await own.click("Order printed copies");
  expect(form.valueOf("Street address")).toBe("1 Main St");
  const order = await form.press("Order", { Copies: "25", Name: "Bob Baker", "ZIP code": "78701-1234" });
  expect(order).toMatchObject({ status: 200, heading: "Cartel “Atención hoy”" });
  expect(order.fact("Copies")).toBe("25");
  expect(order.fact("Your line")).toBe("Open on Saturdays");
  expect(order.fact("Send to")).toBe("Bob Baker, 1 Main St, Austin, TX 78701-1234");
  expect(order.fact("Ordered")).toContain("by Bob Baker");
  expect((await bob.get("/resources/orders")).rows()[0]?.slice(0, 2)).toEqual(["Cartel “Atención hoy”", "Ordered"]);

  const admin = await logIn(portal, ada);
  const all = await admin.get("/admin/orders");
  expect(all.text).toContain(practice.name);
  const pdf = await admin.ask("GET", all.href(`PDF for ${practice.name}`));
  expect([pdf.status, pdf.header("content-type")]).toEqual([200, "application/pdf"]);
  const printed = await all.press("Mark as printed");
  expect(printed.text).toContain("Printed");
  await printed.press("Mark as sent");
  const sent = await bob.get(order.path);
  expect(sent.fact("Sent")).toContain("by Ada Stone");
  expect(sent.buttons).not.toContain("Cancel this order");
  expect(await mailsTo(practice.bob.email)).toEqual([
    "On its way: Cartel “Atención hoy”",
    "Printed: Cartel “Atención hoy”",
    "Your order: Cartel “Atención hoy”",
  ]);
  expect(await portal.db("audit_events").where({ action: "material sent", user_id: ada.id })).toHaveLength(1);
});

test("what is missing is said beside its field, and all that was typed is kept", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const form = await bob.get("/resources/materials/counter-card/order?language=es&line=Open+late");
  const wrong = await form.press("Order", { "ZIP code": "ABC", City: "" });
  expect(wrong.status).toBe(422);
  expect(wrong.errorAt("Copies")).toBe("Choose how many");
  expect(wrong.errorAt("City")).toBe("Enter the city");
  expect(wrong.errorAt("ZIP code")).toBe("Enter a ZIP code of five digits");
  expect(wrong.valueOf("Street address")).toBe("1 Main St");
  const fixed = await wrong.press("Order", { "ZIP code": "78701", City: "Austin", Copies: "10" });
  expect(fixed.fact("Your line")).toBe("Open late");
});

test("a line that the law forbids is not ordered, however it comes", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get("/resources/materials/counter-card/order");
  const sending = form.sending("Order", { Copies: "10" });
  const fields = Object.fromEntries(sending.fields);
  const refused = await bob.post(sending.action, { ...fields, line: "No interest ever!" });
  expect(refused.status).toBe(422);
  expect(refused.errors.join()).toContain("if paid in full");
  expect(await portal.db("material_orders").where({ practice_id: practice.id })).toEqual([]);
});

test("the same form sent five times at once orders once; changed afterwards, it says so", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get("/resources/materials/wallet-card/order");
  const sending = form.sending("Order", { Copies: "100" });
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => bob.send(sending)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(await portal.db("material_orders").where({ practice_id: practice.id })).toHaveLength(1);
  expect(await mailsTo(practice.bob.email)).toHaveLength(1);
  const changed = await bob.post(sending.action, { ...Object.fromEntries(sending.fields), copies: "250" });
  expect(changed.status).toBe(422);
  expect(changed.errors[0]).toContain("has ordered already");
});

test("an order is cancelled until it is printed; of two at once, one is told that it has moved on", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const admin = await logIn(portal, ada);
  const id = await orderFor(portal, practice);
  const seen = await bob.get(`/resources/orders/${id}`);
  expect((await seen.press("Cancel this order")).text).toContain("Cancelled");
  const late = await admin.post(`/admin/orders/${id}/status`, { from: "ordered", to: "printed" });
  expect([late.status, late.errors[0]]).toEqual([422, "This order has moved on meanwhile. Look at it again."]);
  const other = await orderFor(portal, practice);
  const open = await bob.get(`/resources/orders/${other}`);
  await admin.post(`/admin/orders/${other}/status`, { from: "ordered", to: "printed" });
  expect((await open.press("Cancel this order")).status).toBe(422);
  for (const to of ["ordered", "printed", "nothing"]) {
    expect((await admin.post(`/admin/orders/${other}/status`, { from: "printed", to })).status).toBe(422);
  }
  expect((await admin.post(`/admin/orders/${randomUUIDv7()}/status`, { from: "ordered", to: "sent" })).status).toBe(
    404,
  );
});

test("banners and posts are not printed; Mallory finds no order of another practice", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  expect((await bob.get("/resources/materials/web-banner/order")).status).toBe(404);
  expect((await bob.get("/resources/materials/web-banner")).links).not.toContain("Order printed copies");
  const id = await orderFor(portal, practice);
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  expect((await mallory.get(`/resources/orders/${id}`)).status).toBe(404);
  expect((await mallory.post(`/resources/orders/${id}/cancel`)).status).toBe(404);
  expect((await mallory.get("/resources/orders")).html).not.toContain(id);
  expect((await mallory.get("/admin/orders")).status).toBe(403);
});
