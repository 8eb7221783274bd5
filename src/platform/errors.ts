/**
 * The three kinds of wrong. *Declined*: the person can mend it, so the same form comes back (422) with a sentence
 * beside the field. *Refused*: a page with a status and a sentence. Anything else thrown is a bug (500).
 */
export class Declined extends Error {
  /** A sentence for each field, keyed by the field's name; `form` for what belongs to no single field. */
  readonly errors: Record<string, string>;
  constructor(errors: Record<string, string>) {
    super(Object.values(errors).join(" "));
    this.errors = errors;
  }
}

/** Declined for now, because it was asked too often: the same form comes back as a 429 that says when to ask again. */
export class TooOften extends Declined {
  readonly retryAfterSeconds: number;
  constructor(sentence: string, retryAfterSeconds: number) {
    super({ form: sentence });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export class Refused extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  constructor(
    status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 503,
    sentence: string,
    retryAfterSeconds?: number,
  ) {
    super(sentence);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Not there, or not this viewer's: the two are never told apart. */
export function notFound(): Refused {
  return new Refused(
    404,
    "We could not find that page. The address may be mistyped, or it may belong to another practice.",
  );
}

/** For the catch of a form's handler: the errors to show, or the error thrown on because no form can mend it. */
export function declinedOrThrow(error: unknown): Record<string, string> {
  if (error instanceof Declined) return error.errors;
  throw error;
}
