import { randomUUID } from "node:crypto";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import type { Readiness } from "../platform/health.ts";
import type { Listener as Notices } from "../platform/listen.ts";
import type { Log } from "../platform/log.ts";
import { type Chat, type ChatMessage, chatMessages, findAnyChat, queue } from "./chat-queries.ts";
import { type ChatSignal, chatChannel, type Side, tellChats } from "./say-in-chat.ts";

/** One open stream: who looks, how far it was told, and how to tell it more. */
export type Ear = {
  side: Side;
  /** Of a person who is logged in: the stream ends with it. */
  loginId: string | undefined;
  after: number;
  tell(messages: ChatMessage[], chat: Chat): void;
  typing(): void;
  beat(): void;
  end(because: "full" | "logged out" | "stopping"): void;
};

export type ChatHub = {
  /** Lets a stream hear a chat, from its place on; returns how to stop. */
  listen(chatId: string, ear: Ear): () => void;
  /** Tells the streams of every node that something was said, which is committed. */
  said(chatId: string): void;
};

type Room = { ears: Set<Ear>; chat: Chat | undefined; isStale: boolean; isReading: boolean; readAgain: boolean };

/** More streams of one chat than tabs a person has; the oldest ends. */
const mostEars = 8;
const times = { look: 1_000, logins: 3_000, missed: 3_000, beat: 15_000, again: 1_000, queue: 200 };

/**
 * Hands what happens in chats, on whichever node, to the streams of this one. All of them share one listening
 * connection; what is new in a chat is read once for all of its streams. What could not be read is read again.
 *
 * A message is told after it is committed, many at once, and never within its transaction: commits that notify wait for
 * each other, one flush of the disk after the other. So a node that dies in between tells nobody; every node therefore
 * also looks for what it missed.
 */
export function openChatHub(parts: {
  db: Db;
  clock: Clock;
  log: Log;
  listener: Notices;
  readiness: Readiness;
  isOn(loginIds: string[]): Promise<Set<string>>;
}): ChatHub {
  const { db, clock, log, readiness } = parts;
  const rooms = new Map<string, Room>();
  let ticking: NodeJS.Timeout | undefined;
  let isHearing = false;
  let queueMoves = false;
  const node = randomUUID();
  const untold = new Set<string>();
  let isTelling = false;

  /** Reads what is new in a chat and tells each stream what it has not heard, one read at a time. */
  const read = async (chatId: string, room: Room): Promise<void> => {
    if (room.isReading) {
      room.readAgain = true;
      return;
    }
    room.isReading = true;
    try {
      do {
        room.readAgain = false;
        // Only those who are here now: one who comes meanwhile may be further back than what is read, and is next.
        const ears = [...room.ears];
        const from = Math.min(...ears.map(({ after }) => after));
        // The state first, if it may have changed: what it says was said is then read, too.
        const isStale = room.isStale || !room.chat;
        room.isStale = false;
        const chat = isStale ? await findAnyChat(db, chatId) : (room.chat as Chat);
        const messages = Number.isFinite(from) ? await chatMessages(db, chatId, from) : [];
        room.chat = chat;
        for (const ear of ears) if (room.ears.has(ear)) tellNew(ear, messages, chat);
      } while (room.readAgain);
    } catch (error) {
      room.isStale = true;
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, "a chat could not be read");
      setTimeout(() => rooms.get(chatId) === room && void read(chatId, room), times.again).unref();
    } finally {
      room.isReading = false;
    }
  };

  const readState = (chatId: string, room: Room) => {
    room.isStale = true;
    void read(chatId, room);
  };

  const readAll = () => {
    for (const [chatId, room] of rooms) readState(chatId, room);
  };

  /** Tells the other nodes, one statement at a time: what is said while it is under way goes with the next. */
  const tellOthers = async () => {
    if (isTelling) return;
    isTelling = true;
    while (untold.size) {
      const told = [...untold].map((chat) => ({ chat, what: "said", node }) as const);
      untold.clear();
      await tellChats(db, ...told).catch(() => {}); // they look for themselves
    }
    isTelling = false;
  };

  /** What was said on a node that could not tell of it any more. */
  const readMissed = async () => {
    const last = await db("chats")
      .whereIn("id", [...rooms.keys()])
      .select("id", "last_seq");
    for (const { id, last_seq } of last) {
      const room = rooms.get(id);
      if (room && [...room.ears].some(({ after }) => after < last_seq)) void read(id, room);
    }
  };

  /** Places move for all who wait: one question for this node, however many there are. */
  const moveQueue = async () => {
    queueMoves = false;
    if (![...rooms.values()].some(({ chat }) => chat?.place)) return;
    const waiting = await queue(db).catch(() => []);
    for (const [place, chatId] of waiting.entries()) {
      const room = rooms.get(chatId);
      if (!room?.chat?.place || room.chat.place === place + 1) continue;
      room.chat = { ...room.chat, place: place + 1 };
      for (const ear of room.ears) ear.tell([], room.chat);
    }
  };

  const hear = (payload: string | null) => {
    if (payload === null) return readAll(); // the connection was away: something may have gone unheard
    const signal = JSON.parse(payload) as ChatSignal;
    const room = rooms.get(signal.chat);
    if (signal.what === "typing") {
      for (const ear of room?.ears ?? []) if (ear.side !== signal.by) ear.typing();
      return;
    }
    if (signal.what === "said") {
      if (room && signal.node !== node) void read(signal.chat, room);
      return;
    }
    if (room) readState(signal.chat, room);
    if (queueMoves) return;
    queueMoves = true;
    setTimeout(() => void moveQueue(), times.queue).unref();
  };

  const endAll = (because: "stopping") => {
    for (const { ears } of rooms.values()) for (const ear of [...ears]) ear.end(because);
  };

  /** Whose log-in has ended hears no more. While the database is away nobody is sent off. */
  const endLoggedOut = async () => {
    const ears = [...rooms.values()].flatMap((room) => [...room.ears]);
    const loginIds = [...new Set(ears.flatMap(({ loginId }) => loginId ?? []))];
    if (!loginIds.length) return;
    const on = await parts.isOn(loginIds).catch(() => new Set(loginIds));
    for (const ear of ears) if (ear.loginId && !on.has(ear.loginId)) ear.end("logged out");
  };

  /** A person whose browser listens is there: one statement for all of this node. */
  const noteSeen = async () => {
    const there = [...rooms].filter(([, { ears }]) => [...ears].some(({ side }) => side === "person"));
    const ids = there.map(([chatId]) => chatId);
    if (ids.length) await db("chats").whereIn("id", ids).whereNull("ended_at").update({ seen_at: clock.now() });
  };

  let looks = 0;
  const look = () => {
    looks += 1;
    if (readiness.state === "stopping") return endAll("stopping");
    if (looks % (times.logins / times.look) === 0) void endLoggedOut();
    if (looks % (times.missed / times.look) === 0) void readMissed().catch(() => {});
    if (looks % (times.beat / times.look) !== 0) return;
    for (const { ears } of rooms.values()) for (const ear of ears) ear.beat();
    void noteSeen().catch(() => {});
  };

  return {
    listen(chatId, ear) {
      ticking ??= setInterval(look, times.look).unref();
      if (!isHearing) parts.listener.subscribe(chatChannel, hear);
      isHearing = true;
      const room = rooms.get(chatId) ?? {
        ears: new Set(),
        chat: undefined,
        isStale: true,
        isReading: false,
        readAgain: false,
      };
      rooms.set(chatId, room);
      room.ears.add(ear);
      const [oldest] = room.ears;
      if (room.ears.size > mostEars) oldest?.end("full");
      readState(chatId, room);
      return () => {
        room.ears.delete(ear);
        if (!room.ears.size && rooms.get(chatId) === room) rooms.delete(chatId);
        if (rooms.size) return;
        clearInterval(ticking);
        ticking = undefined;
      };
    },

    said(chatId) {
      const room = rooms.get(chatId);
      if (room) void read(chatId, room);
      untold.add(chatId);
      void tellOthers();
    },
  };
}

function tellNew(ear: Ear, messages: ChatMessage[], chat: Chat): void {
  const news = messages.filter(({ seq }) => seq > ear.after);
  ear.after = news.at(-1)?.seq ?? ear.after;
  ear.tell(news, chat);
}
