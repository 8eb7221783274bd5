import { randomUUIDv7 } from "node:crypto";
import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { saveSession } from "../identity/web-session.ts";
import { openAt } from "../lib/opening-hours.ts";
import { declinedOrThrow, Refused } from "../platform/errors.ts";
import { keyIn, optionalLine, optionalName, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { beginChat } from "./begin-chat.ts";
import type { ChatHub } from "./chat-hub.ts";
import { type Chat, chatMessages, findOwnChat, withoutNotes } from "./chat-queries.ts";
import { endChat, hasTranscript, mailTranscript } from "./end-chat.ts";
import { showNews } from "./news-routes.ts";
import { openCase } from "./open-case.ts";
import { type ContactParts, letter, mayAsk, mostLetters, readLetter, showContact } from "./routes.ts";
import { refuseFlood, sayInChat, tellChats } from "./say-in-chat.ts";
import { refuseStream, streamChat } from "./stream-routes.ts";

const line = "Write a message";
export const sayForm = z.object({
  message: z
    .string({ error: line })
    .trim()
    .min(1, { error: line })
    .max(2_000, { error: "Use 2000 characters or fewer" }),
});
const beginForm = { subject: optionalLine(120), message: optionalLine(mostLetters) };
const lateForm = { subject: optionalName(120), message: letter.message };

export type ChatParts = ContactParts & { program: ContactParts["program"] & { chatWaitMinutes: number }; hub: ChatHub };

/** A chat as the person sees it. With script it is streamed; without, the page asks again by itself, and forms post. */
export function chatRoutes(parts: ChatParts): Router {
  const router = Router();
  const { db, clock, program, hub } = parts;
  const ownChat = (req: Request, res: Response) => {
    const by = { viewer: res.locals.viewer, sessionChatId: req.session.chatId };
    return findOwnChat(db, by, uuidIn(req.params.id));
  };

  router.post("/support", async (req, res) => {
    const id = keyIn(req.body);
    const { isOpen } = openAt(program.opening, { timeZone: program.timeZone, at: clock.now() });
    try {
      if (!isOpen) return await writeInstead(req, res, id);
      const { from, values } = await readLetter(parts, req, res, beginForm);
      const message = [values.subject, values.message].filter(Boolean).join("\n");
      const sessionChatId = req.session.chatId;
      const chat = await beginChat(parts, res.locals.actor, { id, from, sessionChatId, message });
      if (!from.personId) {
        req.session.chatId = chat.id;
        await saveSession(req);
      }
      goTo(res, `/support/chats/${chat.id}`);
    } catch (error) {
      const errors = declinedOrThrow(error);
      await showContact(parts, res, { ...typedIn(req.body), key: randomUUIDv7() }, { errors });
    }
  });

  /** Outside hours a chat becomes a message. */
  const writeInstead = async (req: Request, res: Response, id: string) => {
    const { from, values } = await readLetter(parts, req, res, lateForm);
    const subject = values.subject || "Chat outside hours";
    const { number } = await openCase(parts, res.locals.actor, { id, from, subject, message: values.message });
    const told = `The chat is closed now, so this became a message. Your case number is ${number}. We answer by e-mail to ${from.email}.`;
    goTo(res, mayAsk(res.locals.viewer) ? `/support/cases/${id}` : "/support", told);
  };

  const showChat = async (res: Response, chat: Chat, typed: Typed = {}, errors?: Record<string, string>) => {
    const said = await chatMessages(db, chat.id);
    const base = `/support/chats/${chat.id}`;
    const form = formOf(chat.id, typed);
    const data = {
      page: { ...page, back: { href: "/support", label: "Support" } },
      chat,
      messages: withoutNotes(said),
      base,
      form,
      after: said.at(-1)?.seq ?? 0, // of what is shown: the chat itself was read a moment before
      timeZone: zoneOf(res),
      errors,
      hasTranscript: hasTranscript(chat),
    };
    res.locals.show("support/chat", data, { fragment: "support/_say" });
  };

  const noteSeen = async (chat: Chat) => {
    if (chat.endedAt || chat.seenAt > new Date(clock.now().getTime() - 15_000)) return;
    await db("chats").where({ id: chat.id }).update({ seen_at: clock.now() });
  };

  router.get("/support/chats/:id", async (req, res) => {
    const chat = await ownChat(req, res);
    await noteSeen(chat);
    await showChat(res, chat);
  });

  router.get("/support/chats/:id/stream", async (req, res) => {
    const chat = await ownChat(req, res).catch((error) => {
      if (!res.locals.viewer && error instanceof Refused && error.status === 404) return null;
      throw error;
    });
    if (!chat) return refuseStream(res);
    await noteSeen(chat);
    streamChat(req, res, { hub, chatId: chat.id, side: "person", footOf });
  });

  router.get("/support/chats/:id/news", async (req, res) => {
    const chat = await ownChat(req, res);
    await noteSeen(chat);
    const about = { chat, side: "person", base: `/support/chats/${chat.id}`, now: clock.now() } as const;
    await showNews(req, res, { ...about, read: (after) => chatMessages(db, chat.id, after) });
  });

  router.post("/support/chats/:id/messages", async (req, res) => {
    const chat = await ownChat(req, res);
    const key = keyIn(req.body);
    try {
      const { message } = readForm(sayForm, req.body);
      await refuseFlood(db, parts, chat.id);
      const author = { id: chat.personId, name: chat.name };
      await sayInChat(db, parts, { key, chatId: chat.id, saidBy: "person", author, body: message });
      hub.said(chat.id);
    } catch (error) {
      return showChat(res, chat, typedIn(req.body), declinedOrThrow(error));
    }
    // With script the form alone comes back, empty: what was said comes by the stream.
    if (req.get("hx-request") === "true") res.locals.show("support/_say", { page, form: formOf(chat.id) });
    else goTo(res, `/support/chats/${chat.id}`);
  });

  router.post("/support/chats/:id/typing", async (req, res) => {
    const chat = await ownChat(req, res);
    if (!chat.endedAt) await tellChats(db, { chat: chat.id, what: "typing", by: "person" });
    res.status(204).end();
  });

  router.post("/support/chats/:id/ending", async (req, res) => {
    const chat = await ownChat(req, res);
    const author = { id: chat.personId, name: chat.name };
    await endChat(parts, res.locals.actor, { chatId: chat.id, because: "person", author });
    if (typedIn(req.body).transcript === "yes") await mailTranscript(parts, res.locals.actor, chat.id);
    goTo(res, `/support/chats/${chat.id}`);
  });

  router.post("/support/chats/:id/transcript", async (req, res) => {
    const chat = await ownChat(req, res);
    await mailTranscript(parts, res.locals.actor, chat.id);
    goTo(res, `/support/chats/${chat.id}`);
  });

  return router;
}

const page = { title: "Chat with support" };
const formOf = (chatId: string, typed: Typed = {}) => ({
  action: `/support/chats/${chatId}/messages`,
  key: randomUUIDv7(),
  typed,
});
const footOf = (chat: Chat) => (chat.endedAt ? "ended" : "open");
const zoneOf = (res: Response) => res.locals.viewer?.practice?.timeZone;
