import { randomUUIDv7 } from "node:crypto";
import type { AddressInfo } from "node:net";
import { crc32, inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { addDays } from "../../src/lib/calendar.ts";
import { type XlsxCell, xlsxOf } from "../../src/platform/xlsx.ts";
import { findRun, writeRun } from "../../src/reports/runs.ts";
import type { Browser } from "../support/browser.ts";
import { foundMallorys, foundPractice, logIn, openAccountFor, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

test("a file of a report opens as a workbook: numbers are numbers, days are days, and no text is run", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { person: { firstName: "=Nora", lastName: "<Quill> & Co" } });
  await sellTo(portal, practice, account, { amountCents: 123_456, reference: `=HYPERLINK("http://x.example")` });
  const bea = await logIn(portal, practice.bea);
  const query = "from=2026-11-23&to=2026-11-23";
  expect((await bea.get(`/reports/sales?${query}`)).links).toContain("Download XLSX");
  const file = await bytesOf(bea, `/reports/sales.xlsx?${query}`);
  const sheet = unzipped(file).get("xl/worksheets/sheet1.xml") ?? "";
  expect(sheet.match(/<row>/g)).toHaveLength(2);
  expect(sheet).toContain(`<c s="1"><v>46349</v></c>`); // the 23rd of November 2026
  expect(sheet).toContain(`<c s="2"><v>1234.56</v></c>`);
  expect(sheet).toContain(">&#39;=Nora &#60;Quill&#62; &#38; Co</t>");
  expect(sheet).toContain(">&#39;=HYPERLINK(&#34;http://x.example&#34;)</t>");
  expect(sheet).not.toContain("<f>");
});

test("every part of the ZIP has its size and checksum, and the directory finds it", async () => {
  const rows: XlsxCell[][] = Array.from({ length: 5_000 }, (_, count) => [
    { as: "date", value: addDays("2026-01-01", count) },
    { as: "money", value: -count },
    { as: "share", value: 0.125 },
    { as: "text", value: `ünïcode ${count} \u0007` },
    null,
  ]);
  const pieces: Buffer[] = [];
  for await (const piece of xlsxOf(
    ["A", "B", "C", "D", "E"],
    (async function* () {
      yield rows;
      yield rows;
    })(),
  ))
    pieces.push(piece);
  const parts = unzipped(Buffer.concat(pieces));
  expect([...parts.keys()].sort()).toEqual([
    "[Content_Types].xml",
    "_rels/.rels",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
  ]);
  expect(parts.get("xl/worksheets/sheet1.xml")?.match(/<row>/g)).toHaveLength(10_001);
  expect(parts.get("xl/worksheets/sheet1.xml")).toContain("ünïcode 4999 </t>");
});

test("of one practice five long files are made at once, however many are asked for; another has its own", async () => {
  const [practice, other] = [await foundPractice(portal), await foundPractice(portal)];
  const [bea, olive] = [await logIn(portal, practice.bea), await logIn(portal, other.bea)];
  const ask = (browser: typeof bea) => browser.post("/reports/sales.xlsx", { key: randomUUIDv7() });
  const answers = await Promise.all(Array.from({ length: 9 }, () => ask(bea)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429, 429, 429, 429]);
  expect((await ask(olive)).status).toBe(200);
  await portal.db("report_runs").where({ practice_id: practice.id }).update({ finished_at: portal.clock.now() });
  expect((await ask(bea)).status).toBe(200);
});

test("a file too long to wait for is made by a job, says how far it is, and waits with a link", async () => {
  const practice = await foundPractice(portal);
  const { mallory } = await foundMallorys(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 900_000_000 });
  await sellTo(portal, practice, account, { amountCents: 100 });
  const bea = await logIn(portal, practice.bea);
  const query = "from=2026-11-01&to=2026-11-30";
  const asked = await bea.post(`/reports/sales.xlsx?${query}`, { key: "0190a000-0000-7000-8000-00000000abcd" });
  expect([asked.status, asked.heading]).toEqual([200, "Your file is being made"]);
  expect(asked.header("refresh")).toContain("3; url=/reports/runs/");
  expect((await bea.get(`${asked.path}/file`)).heading).toBe("Your file is being made");
  const making = await (await bea.get("/reports")).click("Sales and refunds, Nov 1 to Nov 30, 2026");
  expect([making.path, making.heading]).toEqual([asked.path, "Your file is being made"]);
  const [uptown] = practice.locations;
  await bea.post(`/reports/sales.xlsx?${query}&location=${uptown?.id}&plan=standard`, { key: randomUUIDv7() });
  expect((await bea.get("/reports")).text).toContain(
    `Sales and refunds, Nov 1 to Nov 30, 2026, ${uptown?.name}, Standard account`,
  );
  const id = asked.path.split("/").at(-1) ?? "";
  await bea.post(`/reports/sales.xlsx?${query}`, { key: id });
  expect(await portal.db("report_runs").where({ id })).toHaveLength(1);

  const parts = { ...portal, timeZone: "America/New_York" };
  await writeRun(parts, id, new AbortController().signal);
  await writeRun(parts, id, new AbortController().signal); // begun twice, it is the same
  expect((await findRun(portal.db, practice.bea.viewer, id)).progress).toBe(1);
  const list = await bea.get("/reports");
  expect(list.text).toContain("Sales and refunds, Nov 1 to Nov 30, 2026 Ready since");
  const ready = await list.click("Sales and refunds, Nov 1 to Nov 30, 2026");
  expect([ready.heading, ready.links.includes("Download XLSX")]).toEqual(["Your file is ready", true]);
  const sheet = unzipped(await bytesOf(bea, `${asked.path}/file`)).get("xl/worksheets/sheet1.xml") ?? "";
  expect(sheet.match(/<row>/g)).toHaveLength(2);

  expect((await (await logIn(portal, practice.alice)).get("/reports")).text).not.toContain("Your long files");
  const foreign = await logIn(portal, mallory);
  expect((await foreign.get(asked.path)).status).toBe(404);
  expect((await foreign.get(`${asked.path}/file`)).status).toBe(404);
});

async function bytesOf(browser: Browser, path: string): Promise<Buffer> {
  const { port } = portal.server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { cookie: browser.cookieHeader } });
  expect(answer.headers.get("content-type")).toContain("spreadsheetml.sheet");
  return Buffer.from(await answer.arrayBuffer());
}

/** The parts of a ZIP by its directory, checksums proven. */
function unzipped(file: Buffer): Map<string, string> {
  const end = file.lastIndexOf(Buffer.from("PK\u0005\u0006", "latin1"));
  const parts = new Map<string, string>();
  for (let count = file.readUInt16LE(end + 10), at = file.readUInt32LE(end + 16); count > 0; count -= 1) {
    const [crc, packed, size] = [at + 16, at + 20, at + 24].map((place) => file.readUInt32LE(place));
    const name = file.toString("utf8", at + 46, at + 46 + file.readUInt16LE(at + 28));
    const start = file.readUInt32LE(at + 42);
    const from = start + 30 + file.readUInt16LE(start + 26) + file.readUInt16LE(start + 28);
    const content = inflateRawSync(file.subarray(from, from + (packed ?? 0)));
    expect([name, content.length, crc32(content)]).toEqual([name, size, crc]);
    parts.set(name, content.toString("utf8"));
    at += 46 + name.length;
  }
  return parts;
}
