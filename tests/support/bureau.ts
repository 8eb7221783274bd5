import type { Bureau, Decision, Inquiry } from "../../src/applications/bureau.ts";

/** A bureau that answers as it is told, and remembers what it was asked. */
export type ScriptedBureau = Bureau & {
  asked: Inquiry[];
  /** From now on it answers so: with a decision, or with what is thrown. */
  answers(decision: Decision | Error): void;
  /** From now on it keeps silent until the returned function is called with the answer. */
  waits(): (decision: Decision | Error) => void;
};

export const approval = (limitCents: number): Decision => ({ outcome: "approved", limitCents, standardApr: "32.99" });

export function scriptedBureau(): ScriptedBureau {
  let answer: Promise<Decision> = Promise.resolve(approval(300_000));
  const settled = (decision: Decision | Error) =>
    decision instanceof Error ? Promise.reject(decision) : Promise.resolve(decision);
  const asked: Inquiry[] = [];
  return {
    asked,
    answers(decision) {
      answer = settled(decision);
      answer.catch(() => {}); // it is the portal's to handle, once it asks
    },
    waits() {
      const { promise, resolve } = Promise.withResolvers<Decision | Error>();
      answer = promise.then(settled);
      answer.catch(() => {});
      return resolve;
    },
    refusesSsn: () => null,
    decide(inquiry) {
      asked.push(inquiry);
      return answer;
    },
  };
}
