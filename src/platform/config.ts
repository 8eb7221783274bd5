import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { parseCents } from "../lib/money.ts";
import { describeHours, parseOpeningHours } from "../lib/opening-hours.ts";

const flag = z.enum(["0", "1"]).transform((text) => text === "1");
const timeZone = z.string().refine((zone) => Intl.supportedValuesOf("timeZone").includes(zone), {
  error: "is no time zone: write one like America/New_York",
});

/** The contrast of a colour against white, by WCAG 2.2's relative luminance. */
function contrastOnWhite(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

const environmentSchema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("development"),
  PORT: z.coerce.number({ error: "is no port number" }).int().min(0).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: "is no http address" }).optional(),
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must begin with postgres://" }).optional(),
  DATABASE_APP_URL: z.url({ protocol: /^postgres(ql)?$/, error: "must begin with postgres://" }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: "must begin with redis://" }).optional(),
  SESSION_SECRET: z.string().min(32, { error: "is too short: use at least 32 characters" }).optional(),
  DATA_KEY: z
    .string()
    .refine((text) => Buffer.from(text, "base64").length === 32, { error: "must be 32 bytes in base64" })
    .optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: "must begin with smtp:// or smtps://" }).optional(),
  MAIL_FROM: z.email({ error: "is no e-mail address: write one like no-reply@portal.example.com" }).optional(),
  SMS_URL: z.url({ protocol: /^https?$/, error: "is no http address" }).optional(),
  BUREAU_URL: z.url({ protocol: /^https?$/, error: "is no http address" }).optional(),
  PROGRAM_AGENCY: z
    .string()
    .min(1)
    .default("Federal Trade Commission, Consumer Response Center, 600 Pennsylvania Avenue NW, Washington, DC 20580"),
  PROGRAM_CREDIT_BUREAU: z.string().min(1).optional(),
  PROGRAM_ADDRESS: z.string().min(1).default("PO Box 1400, Wilmington, DE 19899"),
  PROGRAM_TIME_ZONE: timeZone.default("America/New_York"),
  PROGRAM_NAME: z.string().min(1).default("Caraway"),
  PROGRAM_PHONE: z.string().default("(800) 555-0142"),
  PROGRAM_HOURS: z
    .string()
    .refine((text) => parseOpeningHours(text), {
      error: "is not understood: write Mon-Fri 08:00-20:00; Sat 09:00-17:00",
    })
    .optional(),
  PROGRAM_HOLIDAYS: z
    .string()
    .refine((dates) => parseOpeningHours("Mon 08:00-20:00", dates), {
      error: "must be dates like 2026-11-26, 2026-12-25",
    })
    .default(""),
  CHAT_WAIT_MINUTES: z.coerce.number({ error: "is no number of minutes" }).int().min(1).max(120).default(10),
  PROGRAM_ACCENT: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, { error: "is no colour: write one like #1f6b4f" })
    .refine((color) => contrastOnWhite(color) >= 4.5, {
      error: "is too pale for white words on it: choose a darker one",
    })
    .optional(),
  PROGRAM_EMAIL_CODES: flag.default(true),
  PROGRAM_NEEDS_FACTOR: flag.default(false),
  PROGRAM_INACTIVE_DAYS: z.coerce.number().int().min(30).max(365).default(90),
  PROGRAM_RESET_HOURS: z.coerce.number().int().min(1).max(168).default(24),
  PROGRAM_LOOKS_PER_HOUR: z.coerce.number().int().min(10).default(120),
  PROGRAM_PAYMENT_LIMIT: z
    .string()
    .default("1000.00")
    .transform((text) => parseCents(text) ?? Number.NaN)
    .refine(Number.isInteger, { error: "is no amount: write dollars like 1000.00" }),
  PROGRAM_PAYMENT_HOURS: z.coerce.number().int().min(1).max(168).default(24),
  PROGRAM_IDLE_MINUTES: z.coerce.number().int().min(3).max(60, { error: "is too long: at most 60" }).default(15),
  PROGRAM_SESSION_HOURS: z.coerce.number().int().min(1).max(24, { error: "is too long: at most 24" }).default(12),
  MAINTENANCE_NOTICE_HOURS: z.coerce.number({ error: "is no number of hours" }).int().min(0).max(720).default(24),
  TRUSTED_PROXIES: z.coerce.number().int().min(0).max(5).default(0),
  METRICS_TOKEN: z.string().min(16, { error: "is too short: use at least 16 characters" }).optional(),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).optional(),
  DEMO: flag.optional(),
});

/** The whole configuration, parsed once. Nothing else in the program reads the environment. */
export type Config = ReturnType<typeof readConfig>;

/** Thrown by `readConfig`; `problems` lists everything wrong at once, each naming its variable. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n  ${problems.join("\n  ")}`,
    );
    this.problems = problems;
  }
}

/** Parses the environment (`X_FILE` names a file that holds X) and fills in what outside production has a default. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const problems: string[] = [];
  const filled = withSecretFiles(env, problems);
  const parsed = environmentSchema.safeParse(filled);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`));
  if (filled.NODE_ENV === "production") problems.push(...unsafeInProduction(filled));
  if (!parsed.success || problems.length) throw new ConfigError(problems);

  const given = parsed.data;
  const production = given.NODE_ENV === "production";
  const loopback = ["127.0.0.1", "localhost", "::1"].includes(given.HOST);
  const host = given.HOST.includes(":") ? `[${given.HOST}]` : given.HOST;
  const publicUrl = given.PUBLIC_URL ?? `http://${host}:${given.PORT}`;
  const demo = given.DEMO ?? (!given.DATABASE_URL && loopback && !production);

  const timeZone = given.PROGRAM_TIME_ZONE;
  // Whoever tries the demo out does so at any hour.
  const typedHours = given.PROGRAM_HOURS ?? (demo ? "Mon-Sun 00:00-24:00" : "Mon-Fri 08:00-20:00");
  const opening = parseOpeningHours(typedHours, given.PROGRAM_HOLIDAYS);
  if (!opening) throw new ConfigError(["PROGRAM_HOURS is not understood"]);

  const dataDir = resolve(given.DATA_DIR);
  return {
    production,
    demo,
    host: given.HOST,
    port: given.PORT,
    publicUrl: publicUrl.replace(/\/$/, ""),
    maintenanceNoticeHours: given.MAINTENANCE_NOTICE_HOURS,
    trustedProxies: given.TRUSTED_PROXIES,
    metricsToken: given.METRICS_TOKEN,
    dataDir,
    databaseUrl: given.DATABASE_URL,
    databaseAppUrl: given.DATABASE_APP_URL,
    redisUrl: given.REDIS_URL,
    smtpUrl: given.SMTP_URL,
    mailFrom: given.MAIL_FROM ?? `no-reply@${mailDomain(publicUrl)}`,
    smsUrl: given.SMS_URL,
    bureauUrl: given.BUREAU_URL,
    sessionSecret: given.SESSION_SECRET ?? keptSecret(dataDir, "session-secret"),
    dataKey: Buffer.from(given.DATA_KEY ?? keptSecret(dataDir, "data-key"), "base64"),
    logLevel: given.LOG_LEVEL ?? (demo ? "warn" : "info"),
    program: {
      name: given.PROGRAM_NAME,
      phone: given.PROGRAM_PHONE,
      hours: describeHours(opening, { timeZone, readIn: timeZone, at: new Date() }),
      opening,
      chatWaitMinutes: given.CHAT_WAIT_MINUTES,
      timeZone,
      address: given.PROGRAM_ADDRESS,
      agency: given.PROGRAM_AGENCY,
      creditBureau:
        given.PROGRAM_CREDIT_BUREAU ??
        (demo
          ? "Sandbox Credit Bureau, PO Box 1, Wilmington, DE 19899, (800) 555-0190"
          : `its name, address and telephone number are given to you at ${given.PROGRAM_PHONE}`),
      accent: given.PROGRAM_ACCENT,
      emailCodes: given.PROGRAM_EMAIL_CODES,
      needsFactor: given.PROGRAM_NEEDS_FACTOR,
      inactiveDays: given.PROGRAM_INACTIVE_DAYS,
      resetHours: given.PROGRAM_RESET_HOURS,
      looksPerHour: given.PROGRAM_LOOKS_PER_HOUR,
      paymentLimitCents: given.PROGRAM_PAYMENT_LIMIT,
      paymentLimitHours: given.PROGRAM_PAYMENT_HOURS,
      idleMinutes: given.PROGRAM_IDLE_MINUTES,
      sessionHours: given.PROGRAM_SESSION_HOURS,
    },
  };
}

/** Of the portal's own address; an IP address is no domain to write from. */
function mailDomain(publicUrl: string): string {
  const { hostname } = new URL(publicUrl);
  return /^[\d.]+$|^\[/.test(hostname) ? "localhost" : hostname;
}

/** What production must not start with or without: nothing made up, nothing readable on its way. */
function unsafeInProduction(filled: Record<string, string>): string[] {
  const needed = ["DATABASE_URL", "PUBLIC_URL", "SESSION_SECRET", "DATA_KEY", "SMTP_URL", "BUREAU_URL"];
  const problems = needed.filter((name) => !filled[name]).map((name) => `${name} is missing: production needs it`);
  if (filled.DEMO === "1") problems.push("DEMO is 1: production never runs with demo people and the sandbox bureau");
  for (const name of ["PUBLIC_URL", "BUREAU_URL", "SMS_URL"]) {
    if (filled[name]?.startsWith("http://")) problems.push(`${name} must begin with https:// in production`);
  }
  return problems;
}

function withSecretFiles(env: NodeJS.ProcessEnv, problems: string[]) {
  const filled: Record<string, string> = {};
  for (const [name, text] of Object.entries(env)) {
    const plainName = name.replace(/_FILE$/, "");
    if (!text || !(plainName in environmentSchema.shape)) continue;
    if (plainName === name) filled[name] ??= text;
    else if (existsSync(text)) filled[plainName] = readFileSync(text, "utf8").trim();
    else problems.push(`${name} names a file that is not there`);
  }
  return filled;
}

/** Outside production a secret is made once and kept beside the data, so that a restart logs nobody out. */
function keptSecret(dataDir: string, name: string): string {
  const file = join(dataDir, name);
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(file, randomBytes(32).toString("base64"), { mode: 0o600, flag: "wx" });
  }
  chmodSync(file, 0o600);
  return readFileSync(file, "utf8").trim();
}
