import fc from "fast-check";
import { expect, test } from "vitest";
import { maskNumbers } from "../../src/lib/mask-numbers.ts";

test.each([
  ["987-65-4321", "•••-••-4321"],
  ["(987 65 4321)", "(•••-••-4321)"],
  ["987654321.", "•••-••-4321."],
  ["987 - 65 - 4321", "•••-••-4321"],
  ["987–65–4321", "•••-••-4321"],
  ["９８７-65-4321", "•••-••-4321"],
  ["4111 1111 1111 1111 12/29 123", "•••• 1111 12/29 123"],
  ["4111-1111-1111-1111", "•••• 1111"],
  ["378282246310005", "•••• 0005"],
  ["4111111111111111, 5500000000000004", "•••• 1111, •••• 0004"],
  ["4111 1111 1111 1111 987-65-4320", "•••• 1111 •••-••-4320"],
  ["987-65-4320 4111 1111 1111 1111", "•••-••-4320 •••• 1111"],
])("%s becomes %s", (typed, kept) => expect(maskNumbers(typed)).toEqual({ text: kept, wasMasked: true }));

test.each([
  "78704-1234",
  "512 666 1234",
  "(512) 666-1234",
  "5126661234",
  "case 10023",
  "$1,234.56",
  "11/23/2026",
  "4111 1111 1111 1112",
])("%s stays", (typed) => expect(maskNumbers(typed)).toEqual({ text: typed, wasMasked: false }));

test("whatever stands around it, a card number does not come through", () => {
  const cards = fc.constantFrom("4111111111111111", "5500000000000004", "378282246310005", "6011000990139424");
  const words = fc.stringMatching(/^[a-z .,:;()!?]{0,20}$/);
  fc.assert(
    fc.property(words, cards, fc.constantFrom("", " ", "-"), words, (before, card, gap, after) => {
      const typed = `${before}${card.match(/.{1,4}/g)?.join(gap)}${after}`;
      expect(maskNumbers(typed).text.replace(/\D/g, "")).toBe(card.slice(-4));
    }),
  );
});
