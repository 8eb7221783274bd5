/** Where an application stands, in the words of every page. An outcome that the bureau has not given yet is none. */
export const applicationStates = {
  deciding: { text: "Being decided", kind: "wait" },
  pending: { text: "Pending", kind: "wait" },
  approved: { text: "Approved", kind: "good" },
  offered: { text: "Approved, not accepted yet", kind: "wait" },
  declined: { text: "Declined", kind: "plain" },
  withdrawn: { text: "Withdrawn", kind: "plain" },
  expired: { text: "Expired", kind: "plain" },
} as const;

export type ApplicationState = keyof typeof applicationStates;
export const isApplicationState = (text: string | undefined): text is ApplicationState =>
  text !== undefined && Object.hasOwn(applicationStates, text);
