import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { type LookParts, lookAtOwn, occasions, type Why } from "../identity/looks.ts";
import { may } from "../identity/permissions.ts";
import type { Viewer } from "../identity/viewer.ts";
import { audit } from "../platform/audit.ts";
import { declinedOrThrow, Refused } from "../platform/errors.ts";
import { keyIn, optionalLine, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import type { SupportParts } from "./case-mail.ts";
import type { ChatHub } from "./chat-hub.ts";
import { type Chat, chatMessages, endedChats, findAnyChat, openChats, otherAgents } from "./chat-queries.ts";
import { sayForm } from "./chat-routes.ts";
import { endChat } from "./end-chat.ts";
import { joinChat } from "./join-chat.ts";
import { showNews } from "./news-routes.ts";
import { sayInChat, tellChats } from "./say-in-chat.ts";
import { type Foot, streamChat } from "./stream-routes.ts";
import { transferChat } from "./transfer-chat.ts";

const transferForm = z.object({
  to: z.uuid({ error: "Choose who takes over" }),
  note: optionalLine(500),
});

/** The agents' side of chats: the queue, a chat, joining, handing on, ending. Looks and acts stand in the audit log. */
export function agentChatRoutes(parts: SupportParts & LookParts & { hub: ChatHub }): Router {
  const router = Router();
  const { db, clock, hub } = parts;
  const answer = may("answer support");

  router.get("/console/chats", answer, async (req, res) => {
    const [open, ended] = await Promise.all([openChats(db), endedChats(db)]);
    if (!("waiting" in req.query)) {
      const details = { hits: open.length, reason: "The list of chats" };
      await audit(db, res.locals.actor, { at: clock.now(), action: "chats listed", details });
    }
    const page = { title: "Chats", wide: true, refresh: "/console/chats?waiting" };
    const data = { page, open, ended, now: clock.now(), you: res.locals.viewer.id };
    res.locals.show("support/agent-chats", data, { fragment: "support/_queue" });
  });

  const showChat = async (res: Response, id: string, typed: Typed = {}, errors?: Record<string, string>) => {
    const { viewer } = res.locals;
    const [chat, messages, agents] = await Promise.all([
      findAnyChat(db, id),
      chatMessages(db, id),
      otherAgents(db, viewer),
    ]);
    const base = `/console/chats/${id}`;
    const form = formOf(id, typed);
    const page = { title: `Chat with ${chat.name}`, back: { href: "/console/chats", label: "Chats" } };
    const after = messages.at(-1)?.seq ?? 0; // of what is shown: the chat itself is read at the same time
    const data = { page, chat, messages, agents, base, form, after, foot: footFor(viewer)(chat), errors };
    res.locals.show("support/agent-chat", data, { fragment: "support/_say" });
  };

  const look = async (res: Response, chatId: string, goesOn = false): Promise<{ chat: Chat; why: Why }> => {
    const chat = await findAnyChat(db, chatId);
    const why: Why = { occasion: occasions[0], reason: "Their chat", caseNumber: String(chat.caseNumber ?? "") };
    await lookAtOwn(parts, res.locals.viewer, { kind: "chat", id: chat.id }, { ...why, goesOn });
    return { chat, why };
  };
  const lookOn = (res: Response, chatId: string) => look(res, chatId, true);

  router.get("/console/chats/:id", answer, async (req, res) => {
    const { chat, why } = await look(res, uuidIn(req.params.id));
    req.session.lookWhy = why;
    await showChat(res, chat.id);
  });

  router.get("/console/chats/:id/stream", answer, async (req, res) => {
    const { id } = (await lookOn(res, uuidIn(req.params.id))).chat;
    streamChat(req, res, { hub, chatId: id, side: "agent", footOf: footFor(res.locals.viewer) });
  });

  router.get("/console/chats/:id/news", answer, async (req, res) => {
    const { chat } = await lookOn(res, uuidIn(req.params.id));
    const about = { chat, side: "agent", base: `/console/chats/${chat.id}`, now: clock.now() } as const;
    await showNews(req, res, { ...about, read: (after) => chatMessages(db, chat.id, after) });
  });

  router.post("/console/chats/:id/joining", answer, async (req, res) => {
    const id = uuidIn(req.params.id);
    await joinChat(parts, res.locals.viewer, id);
    goTo(res, `/console/chats/${id}`);
  });

  /** An agent speaks in the chats that are theirs. */
  const myChat = async (res: Response, id: string) => {
    const chat = await findAnyChat(db, id);
    if (chat.agentId !== res.locals.viewer.id)
      throw new Refused(409, "This chat is not yours. Open it again to see whose.");
    return chat;
  };

  router.post("/console/chats/:id/messages", answer, async (req, res) => {
    const { id: chatId } = await myChat(res, uuidIn(req.params.id));
    const key = keyIn(req.body);
    try {
      const { message: body } = readForm(sayForm, req.body);
      const saidBy = typedIn(req.body).how === "note" ? "note" : "agent";
      await sayInChat(db, parts, { key, chatId, saidBy, author: res.locals.viewer, body });
      hub.said(chatId);
    } catch (error) {
      const errors = declinedOrThrow(error);
      await lookOn(res, chatId);
      return showChat(res, chatId, typedIn(req.body), errors);
    }
    // With script the form alone comes back, empty: what was said comes by the stream.
    if (req.get("hx-request") === "true")
      res.locals.show("support/_say", { page: { title: "Chat" }, form: formOf(chatId) });
    else goTo(res, `/console/chats/${chatId}`);
  });

  router.post("/console/chats/:id/typing", answer, async (req, res) => {
    const chat = await myChat(res, uuidIn(req.params.id));
    if (!chat.endedAt) await tellChats(db, { chat: chat.id, what: "typing", by: "agent" });
    res.status(204).end();
  });

  router.post("/console/chats/:id/transfers", answer, async (req, res) => {
    const chatId = uuidIn(req.params.id);
    try {
      const { to: toId, note } = readForm(transferForm, req.body);
      await transferChat(parts, res.locals.viewer, { chatId, toId, note });
      goTo(res, "/console/chats", "Handed on.");
    } catch (error) {
      const errors = declinedOrThrow(error);
      await lookOn(res, chatId);
      await showChat(res, chatId, typedIn(req.body), errors);
    }
  });

  router.post("/console/chats/:id/ending", answer, async (req, res) => {
    const { id: chatId } = await myChat(res, uuidIn(req.params.id));
    await endChat(parts, res.locals.actor, { chatId, because: "agent", author: res.locals.viewer });
    goTo(res, `/console/chats/${chatId}`);
  });

  return router;
}

const formOf = (chatId: string, typed: Typed = {}) => ({
  action: `/console/chats/${chatId}/messages`,
  key: randomUUIDv7(),
  typed,
  takesNotes: true,
});

const footFor =
  (viewer: Viewer) =>
  (chat: Chat): Foot => {
    if (chat.endedAt) return "ended";
    if (!chat.agentId) return "join";
    return chat.agentId === viewer.id ? "open" : "theirs";
  };
