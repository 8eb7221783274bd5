import { expect, test } from "vitest";
import { describeHours, openAt, parseOpeningHours } from "../../src/lib/opening-hours.ts";
import { foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal({
  env: { PROGRAM_HOURS: "Mon-Fri 08:00-20:00; Sat 09:00-17:00", PROGRAM_HOLIDAYS: "2026-11-26" },
});
const timeZone = "America/New_York";
const hours = parseOpeningHours("Mon-Fri 08:00-20:00; Sat 09:00-17:00", "2026-11-26") as NonNullable<
  ReturnType<typeof parseOpeningHours>
>;

test("phone, hours and whether somebody answers now, in the practice's time zone or else the program's", async () => {
  const { bob } = await foundPractice(portal); // in Austin
  const inside = await (await logIn(portal, bob)).get("/support");
  expect(inside.text).toContain("(800) 555-0142");
  expect(inside.text).toContain("Open now until 7:00 PM CST");
  expect(inside.text).toContain("Monday to Friday, 7 AM to 7 PM; Saturday, 8 AM to 4 PM Central");
  expect(inside.root.querySelector("footer")?.text).toContain("Saturday, 8 AM to 4 PM Central");
  for (const path of ["/resources/articles/locked", "/resources/articles?q=phone+live+chat"])
    expect((await (await logIn(portal, bob)).get(path)).text).toContain("Saturday, 8 AM to 4 PM Central");
  const outside = await portal.browser().get("/support");
  expect(outside.text).toContain("Open now until 8:00 PM EST");
  expect(outside.text).toContain("Monday to Friday, 8 AM to 8 PM; Saturday, 9 AM to 5 PM Eastern");
});

test("a stranger's browser that says its time zone is answered in it; what is no time zone changes nothing", async () => {
  const said = (zone: string) =>
    portal.browser().ask("GET", `/support?zone=${encodeURIComponent(zone)}`, { headers: { "HX-Request": "true" } });
  const { html, text } = await said("America/Los_Angeles");
  expect(html).not.toContain("<html");
  expect(text).toContain("Open now until 5:00 PM PST");
  expect(text).toContain("Monday to Friday, 5 AM to 5 PM; Saturday, 6 AM to 2 PM Pacific");
  for (const zone of ["America/Indiana/Indianapolis", "America/Kentucky/Louisville"])
    expect((await said(zone)).text).toContain("8 AM to 8 PM; Saturday, 9 AM to 5 PM");
  expect((await said("UTC")).text).toContain("Open now until 1:00 AM");
  for (const zone of ["Mars/Olympus", "+05:30", "<b>"]) expect((await said(zone)).text).toContain("8:00 PM EST");
});

test.each([
  ["2026-11-23T12:59:59Z", false, "2026-11-23T13:00:00.000Z"],
  ["2026-11-23T13:00:00Z", true, "2026-11-24T01:00:00.000Z"],
  ["2026-11-24T01:00:00Z", false, "2026-11-24T13:00:00.000Z"],
  ["2026-11-26T16:00:00Z", false, "2026-11-27T13:00:00.000Z"], // Thanksgiving
  ["2026-11-28T23:00:00Z", false, "2026-11-30T13:00:00.000Z"], // Saturday evening
  ["2026-03-07T23:00:00Z", false, "2026-03-09T12:00:00.000Z"], // over the change to summer time
])("at %s somebody answers: %s, until %s", (at, isOpen, changesAt) => {
  const now = openAt(hours, { timeZone, at: new Date(at) });
  expect([now.isOpen, now.changesAt?.toISOString()]).toEqual([isOpen, changesAt]);
});

test.each([
  "",
  "Mon-Fri",
  "Fri-Mon 08:00-20:00",
  "Mon 20:00-08:00",
  "Mon 08:00-25:00",
  "Mon 08:00-09:60",
  "Mon 08:00-09:00; Mon 10:00-11:00",
])("hours written as “%s” are not understood", (text) => expect(parseOpeningHours(text)).toBeNull());

test("hours that would fall on another day stay in the program's zone; around the clock needs no zone", () => {
  const at = new Date("2026-11-23T16:00:00Z");
  expect(describeHours(hours, { timeZone, readIn: "Asia/Tokyo", at })).toContain("Eastern");
  const always = parseOpeningHours("Mon-Sun 00:00-24:00");
  expect(always && describeHours(always, { timeZone, readIn: timeZone, at })).toBe("every day, around the clock");
});

test("outside hours a chat becomes a message, which has to say something", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  await portal.db("logins").update({ began_at: "2026-11-24T01:00:00Z", seen_at: "2026-11-24T01:00:00Z" });
  portal.clock.advance({ minutes: 9 * 60 + 5 });
  const form = await browser.get("/support");
  expect(form.text).toContain("Closed now opens Nov 24, 2026, 7:00 AM CST");
  const empty = await form.press("Start a chat");
  expect(empty.errorAt("Message")).toBe("Write your message");
  const page = await empty.press("Start a chat", { Message: "Is anybody there?" });
  expect(page.text).toContain("The chat is closed now, so this became a message. Your case number is");
  expect(await portal.db("chats")).toEqual([]);
});
