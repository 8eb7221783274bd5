import type { Measured } from "./measure.ts";
import type { Stage } from "./queries.ts";

/** Each state as a badge shows it. */
export const stateWords: Record<Measured, { text: string; kind: "good" | "wait" | "bad" | "plain" }> = {
  works: { text: "Works", kind: "good" },
  slow: { text: "Slow", kind: "wait" },
  down: { text: "Not working", kind: "bad" },
  unknown: { text: "Not known", kind: "plain" },
};

/** The stages of an incident, in the order in which they come. */
export const stageWords: Record<Stage, string> = {
  investigating: "Investigating",
  identified: "Cause found",
  monitoring: "Mended, being watched",
  resolved: "Resolved",
};
