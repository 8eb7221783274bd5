import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, expect, onTestFinished } from "vitest";
import { backgroundWork } from "../../src/background.ts";
import type { Db } from "../../src/platform/db.ts";
import { type Message, sendMessage } from "../../src/platform/messages.ts";
import { startWorker, type Worker, type WorkerOptions } from "../../src/platform/worker.ts";
import type { Portal } from "../support/portal.ts";

export type Received = { messageId: string; raw: string };

/** What a server does about one address: what is thrown refuses, with `responseCode`; what does not resolve is slow. */
type Behaviour = { recipient?: () => void; letter?: (received: Received) => void | Promise<void> };

/** A real SMTP server. It takes everything until told otherwise. */
export type SmtpPeer = {
  url: string;
  /** What it has taken for an address. */
  receivedBy(address: string): Received[];
  /** How it answers about an address from now on. */
  answers(address: string, behaviour: Behaviour): void;
  down(): Promise<void>;
  up(): Promise<void>;
};

export async function startSmtp(options: SMTPServerOptions = {}): Promise<SmtpPeer> {
  const received: (Received & { to: string })[] = [];
  const behaviours = new Map<string, Behaviour>();
  let server: SMTPServer;
  let port = 0;
  let isUp = false;

  const take = async (to: string, raw: string) => {
    const messageId = /^Message-ID: (.*)$/im.exec(raw)?.[1]?.trim() ?? "";
    await behaviours.get(to)?.letter?.({ messageId, raw });
    received.push({ to, messageId, raw });
  };
  const up = async () => {
    server = new SMTPServer({
      authOptional: true,
      closeTimeout: 10,
      logger: false,
      ...options,
      onRcptTo({ address }, _session, done) {
        Promise.try(() => behaviours.get(address)?.recipient?.()).then(() => done(), done);
      },
      onData(stream, session, done) {
        const to = session.envelope.rcptTo[0]?.address ?? "";
        const taken = stream.toArray().then((chunks) => take(to, Buffer.concat(chunks).toString()));
        taken.then(() => done(), done);
      },
    });
    server.on("error", () => {}); // clients that were killed
    const listening = server.listen(port, "127.0.0.1");
    await once(listening, "listening");
    port = (listening.address() as AddressInfo).port;
    isUp = true;
  };
  const down = async () => {
    isUp = false;
    await new Promise<void>((done) => server.close(done));
  };

  await up();
  afterEach(async () => {
    if (!isUp) await up();
  });
  afterAll(down);
  return {
    url: `smtp://127.0.0.1:${port}`,
    receivedBy: (address) => received.filter(({ to }) => to === address),
    answers: (address, behaviour) => void behaviours.set(address, behaviour),
    down,
    up,
  };
}

/** What a server says with a status of its own. */
export const refusal = (responseCode: number, sentence: string) => Object.assign(new Error(sentence), { responseCode });

export type Posted = { headers: IncomingHttpHeaders; body: { to: string; text: string; id: string } };

/** A real HTTP server that takes text messages, with 202 until told otherwise. */
export async function startSms(): Promise<{ url: string; posted: Posted[]; answers(status: number): void }> {
  const posted: Posted[] = [];
  let status = 202;
  const server = createServer(async (req, res) => {
    const body = JSON.parse(Buffer.concat(await req.toArray()).toString());
    posted.push({ headers: req.headers, body });
    res.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end(`no, not ${body.text}`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  afterEach(() => {
    posted.length = 0;
    status = 202;
  });
  afterAll(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const answers = (next: number) => {
    status = next;
  };
  return { url: `http://127.0.0.1:${port}/messages`, posted, answers };
}

/** A worker for one test, stopped after it, which looks for work more often than a real one. */
export function work(portal: Pick<Portal, "parts" | "databaseUrl">, given: Partial<WorkerOptions> = {}): Worker {
  const worker = startWorker({
    databaseUrl: portal.databaseUrl,
    log: portal.parts.log,
    ...backgroundWork(portal.parts),
    pollMs: 50,
    abandonedAfterMs: 300,
    ...given,
  });
  onTestFinished(() => worker.stop());
  return worker;
}

/** A message to somebody whom nobody else writes to, sent as a verb does it. */
export async function send(
  portal: Portal,
  message: Partial<Message> & { usefulUntil?: Date } = {},
): Promise<{ id: string; to: string }> {
  const to = message.to ?? newAddress();
  const full: Message = {
    channel: "email",
    subject: "About you",
    text: "What nobody else should read",
    ...message,
    to,
  };
  await portal.db.transaction((trx) => sendMessage(trx, portal.clock.now(), full));
  const { id } = await portal.db("messages").where({ recipient: to }).orderBy("written", "desc").first("id");
  return { id, to };
}

export const newAddress = () => `nora.${randomUUID()}@patient.example`;

export const rowOf = (db: Db, id: string) => db("messages").where({ id }).first();

/** The job of a message or an application, if it has one. */
export const jobOf = (db: Db, id: string) => db("graphile_worker.jobs").where("key", "like", `%:${id}`).first();

/** As if the time for what waits had come. */
export async function makeDue(db: Db, id: string): Promise<void> {
  await eventually(() => jobOf(db, id)).toMatchObject({ locked_at: null });
  const job = await jobOf(db, id);
  await db.raw("select graphile_worker.reschedule_jobs(array[?]::bigint[], run_at => now())", [job.id]);
}

/** Asks until it is so. */
export const eventually = <Answer>(ask: () => Answer | Promise<Answer>, timeout = 12_000) =>
  expect.poll(ask, { timeout, interval: 20 });
