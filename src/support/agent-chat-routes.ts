import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
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
import { sayInChat, tellChats } from "./say-in-chat.ts";
import { type Foot, streamChat } from "./stream-routes.ts";
import { transferChat } from "./transfer-chat.ts";

const transferForm = z.object({
  to: z.uuid({ error: "Choose who takes over" }),
  note: optionalLine(500),
});

/** The agents' side of chats: the queue, a chat, joining, handing on, ending. Looks and acts stand in the audit log. */
export function agentChatRoutes(parts: SupportParts & { hub: ChatHub }): Router {
  const router = Router();
  const { db, clock, hub } = parts;
  const answer = may("answer support");

  router.get("/console/chats", answer, async (req, res) => {
    const [open, ended] = await Promise.all([openChats(db), endedChats(db)]);
    if (!("waiting" in req.query)) {
      const details = { hits: open.length };
      await audit(db, res.locals.actor, { at: clock.now(), action: "chats listed", details });
    }
    const page = { title: "Chats", wide: true };
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
    const form = { action: `${base}/messages`, key: randomUUIDv7(), typed };
    const page = { title: `Chat with ${chat.name}`, back: { href: "/console/chats", label: "Chats" } };
    const data = { page, chat, messages, agents, base, form, after: chat.lastSeq, foot: footFor(viewer)(chat), errors };
    res.locals.show("support/agent-chat", data, { fragment: "support/_say" });
  };

  router.get("/console/chats/:id", answer, async (req, res) => {
    const id = uuidIn(req.params.id);
    await showChat(res, id);
    await audit(db, res.locals.actor, { at: clock.now(), action: "chat looked at", subjectId: id });
  });

  router.get("/console/chats/:id/stream", answer, async (req, res) => {
    const { id } = await findAnyChat(db, uuidIn(req.params.id));
    streamChat(req, res, { hub, chatId: id, side: "agent", footOf: footFor(res.locals.viewer) });
  });

  router.post("/console/chats/:id/joining", answer, async (req, res) => {
    const id = uuidIn(req.params.id);
    await joinChat(parts, res.locals.viewer, id);
    goTo(req, res, `/console/chats/${id}`);
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
      await sayInChat(db, parts, { key, chatId, saidBy: "agent", author: res.locals.viewer, body });
    } catch (error) {
      return showChat(res, chatId, typedIn(req.body), declinedOrThrow(error));
    }
    if (req.get("hx-request") === "true") await showChat(res, chatId);
    else goTo(req, res, `/console/chats/${chatId}`);
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
      goTo(req, res, "/console/chats", "Handed on.");
    } catch (error) {
      await showChat(res, chatId, typedIn(req.body), declinedOrThrow(error));
    }
  });

  router.post("/console/chats/:id/ending", answer, async (req, res) => {
    const { id: chatId } = await myChat(res, uuidIn(req.params.id));
    await endChat(parts, res.locals.actor, { chatId, because: "agent", author: res.locals.viewer });
    goTo(req, res, `/console/chats/${chatId}`);
  });

  return router;
}

const footFor =
  (viewer: Viewer) =>
  (chat: Chat): Foot => {
    if (chat.endedAt) return "ended";
    if (!chat.agentId) return "join";
    return chat.agentId === viewer.id ? "open" : "theirs";
  };
