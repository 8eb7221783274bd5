import { internationalPhone } from "../lib/phone.ts";
import { type Carrier, Undelivered } from "./deliver-message.ts";

/** However slowly the service answers, sending one message takes no longer. */
const patienceMs = 10_000;

/** Statuses that say that this message will never be taken; others are about us or about the moment. */
const finalStatuses = [400, 410, 413, 422];

/**
 * Text messages through one HTTP port: `{ to, text, id }` as JSON, the id as idempotency key too, `to` as in
 * +12025550143. Any 2xx means taken. A user and password in the URL are sent as Basic credentials.
 */
export function smsCarrier(smsUrl: string): Carrier {
  const url = new URL(smsUrl);
  const credentials = [url.username, url.password].map(decodeURIComponent).join(":");
  [url.username, url.password] = ["", ""]; // fetch refuses addresses that hold them
  const authorization = credentials === ":" ? {} : { Authorization: `Basic ${btoa(credentials)}` };
  return async ({ id, to, text }, signal) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Idempotency-Key": id, ...authorization },
      body: JSON.stringify({ to: internationalPhone(to), text, id }),
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    }).catch((error: Error) => {
      throw new Undelivered(codeOf(error), { isFinal: false });
    });
    await response.body?.cancel();
    if (!response.ok)
      throw new Undelivered(`HTTP ${response.status}`, { isFinal: finalStatuses.includes(response.status) });
  };
}

/** `TimeoutError`, or what lies beneath fetch's "fetch failed", e.g. ECONNREFUSED. */
function codeOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.name;
}
