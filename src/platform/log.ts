import pino from "pino";

export type Log = pino.Logger;

/** Structured lines on standard output. What a person typed is never logged: no bodies, no queries, no cookies. */
export function openLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: withoutValues } });
}

/** PostgreSQL quotes the row that failed, which may hold anybody's name: of its errors, where and which rule must do. */
function withoutValues(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error };
  const { type, stack } = pino.stdSerializers.err(error);
  const frames = stack.split("\n").filter((line) => line.trimStart().startsWith("at "));
  if (!("code" in error) || !("severity" in error)) return { type, message: error.message, stack };
  const { code, table, constraint } = error as { code?: unknown; table?: unknown; constraint?: unknown };
  return { type, code, table, constraint, stack: frames.join("\n") };
}
