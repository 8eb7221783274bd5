import { expect, test } from "vitest";
import { acceptanceOf, agreementIn, agreementText, digestOf } from "../../src/applications/agreement.ts";

const program = { name: "Caraway", phone: "(800) 555-0142", address: "PO Box 1400, Wilmington, DE 19899" };
const offer = { limitCents: 800_000, standardApr: "32.99", on: "2026-11-27" };

// Whoever changes a word of the agreement, or a figure in it, gives it another version, and writes both down here.
test.each([
  ["en", "d123c5fb83987f55d2d227313514900e51dc6feef1e0ba6a4142abb60621ca83"],
  ["es", "e1af741350330eb34ca93a67b048fa016adc5224e42326bfe5dc61877d07992b"],
] as const)("version 2026-11-27 of the agreement, %s, is these very words", (language, digest) => {
  const agreement = agreementIn(language, program, offer);
  const given = { language, acceptedAt: "2026-11-27T15:00:00Z", address: "127.0.0.1" };
  expect(acceptanceOf(agreement, given)).toMatchObject({ version: "2026-11-27", sha256: digest });
});

test("its figures are the engine's, and differ with the offer", () => {
  const text = agreementText(agreementIn("en", program, offer));
  for (const figure of [
    "$8,000.00",
    "32.99%",
    "17.90%, 18.90%, 19.90% or 20.90%",
    "6, 12, 18 or 24 months",
    "$30.00",
    "$41.00",
    "$2.00",
  ])
    expect(text).toContain(figure);
  const other = agreementIn("en", program, { ...offer, standardApr: "24.00" });
  expect(agreementText(other)).toContain("at 24.00%");
  expect(digestOf(other)).not.toBe(digestOf(agreementIn("en", program, offer)));
  expect(agreementText(agreementIn("es", program, { on: offer.on }))).not.toContain("límite de crédito es");
});
