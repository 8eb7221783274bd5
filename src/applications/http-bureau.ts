import { z } from "zod";
import type { Bureau, Inquiry } from "./bureau.ts";

const score = z.object({
  value: z.int(),
  lowest: z.int(),
  highest: z.int(),
  on: z.iso.date(),
  factors: z.array(z.string()).min(1).max(5),
});
const answer = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("approved"),
    limitCents: z.int().positive(),
    standardApr: z.string().regex(/^\d{1,2}\.\d{2}$/),
  }),
  z.object({
    outcome: z.literal("declined"),
    reasons: z.array(z.string()).min(1).max(4),
    withoutReport: z.boolean().exactOptional(),
    score: score.exactOptional(),
  }),
  z.object({ outcome: z.literal("pending"), missing: z.string() }),
]);

/** A decision service behind HTTP: the inquiry is posted as JSON, with the application's id as its idempotency key. */
export function httpBureau(url: string): Bureau {
  return {
    refusesSsn: (ssn) =>
      /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(ssn)
        ? null
        : "Check the Social Security number: no such number is issued.",

    async decide(inquiry, signal) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": keyOf(inquiry) },
        body: JSON.stringify(inquiry),
        signal,
      });
      if (!response.ok) throw new Error(`The decision service answered ${response.status}`);
      return answer.parse(await response.json());
    },
  };
}

/** A patient whose identity was confirmed is another question. */
const keyOf = ({ applicationId, identityConfirmedAt }: Inquiry) =>
  identityConfirmedAt ? `${applicationId} ${identityConfirmedAt}` : applicationId;
