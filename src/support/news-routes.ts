import type { Request, Response } from "express";
import { type Chat, type ChatMessage, withoutNotes } from "./chat-queries.ts";
import type { Side } from "./say-in-chat.ts";
import { cursor } from "./stream-routes.ts";

/**
 * Shows what came since the page of a chat was opened, in a frame of the page that has no script: it asks again by
 * itself, and what is being typed beside it stays.
 */
export async function showNews(
  req: Request,
  res: Response,
  given: { chat: Chat; side: Side; base: string; now: Date; read(after: number): Promise<ChatMessage[]> },
): Promise<void> {
  const { read, ...shown } = given;
  const messages = await read(cursor(req.query.after));
  const policy = String(res.get("Content-Security-Policy"));
  res.set({
    "Content-Security-Policy": policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    "X-Frame-Options": "SAMEORIGIN",
    ...(!given.chat.endedAt && { Refresh: "4" }),
  });
  res.locals.show("support/chat-news", {
    ...shown,
    page: { title: "New messages" },
    timeZone: res.locals.viewer?.practice?.timeZone,
    messages: given.side === "agent" ? messages : withoutNotes(messages),
  });
}
