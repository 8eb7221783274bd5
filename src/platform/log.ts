import pino from "pino";

export type Log = pino.Logger;

/** Structured lines on standard output. What a person typed is never logged: no bodies, no queries, no cookies. */
export function openLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}
