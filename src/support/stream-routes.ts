import type { Request, Response } from "express";
import type { ChatHub, Ear } from "./chat-hub.ts";
import type { Chat, ChatMessage } from "./chat-queries.ts";
import type { Side } from "./say-in-chat.ts";

/** What stands under a chat: it decides which page has to be opened again when it changes. */
export type Foot = "open" | "join" | "theirs" | "ended";

/** More than this unread by a browser, and it has to come again, from where it was. */
const mostUnread = 512 * 1024;

/**
 * Streams a chat as server-sent events whose ids are the numbers of its messages, from `Last-Event-ID` or `?after=` on.
 * HTMX puts unnamed events into the page as they are; a part in `<hx-partial>` goes where it says.
 */
export function streamChat(
  req: Request,
  res: Response,
  given: { hub: ChatHub; chatId: string; side: Side; footOf(chat: Chat): Foot },
): void {
  const { hub, chatId, side, footOf } = given;
  const { after, foot: footShown } = req.query;
  beginStream(res);

  let shown = "";
  const stateOf = ({ place, agentId, endedAt, caseNumber }: Chat) =>
    JSON.stringify([place, agentId, endedAt, caseNumber]);
  const ear: Ear = {
    side,
    loginId: res.locals.viewer?.loginId,
    after: Math.max(cursor(after), cursor(req.get("last-event-id"))),
    tell(messages, chat) {
      const parts = messages
        .filter((one) => side === "agent" || one.saidBy !== "note")
        .map((one) => said(res, one, side));
      if (messages.some(({ saidBy }) => saidBy !== side)) parts.push(partial("typing", ""));
      if (stateOf(chat) !== shown) {
        parts.push(partial("chat-state", res.locals.part("support/_chat-state", { chat, side })));
        if (footOf(chat) !== footShown)
          parts.push(partial("chat-foot", res.locals.part("support/_chat-moved", { chat, side, path: pageOf(req) })));
      }
      shown = stateOf(chat);
      if (parts.length) send(res, parts.join("\n"), messages.at(-1)?.seq);
      if (chat.endedAt) endStream(res);
    },
    typing: () => send(res, partial("typing", res.locals.part("support/_typing", { side }))),
    beat: () => void res.write(":\n\n"),
    end(because) {
      if (because === "stopping") return void res.end(); // the browser comes again, to a node that goes on
      send(res, partial("chat-state", res.locals.part("support/_chat-over", { because })));
      endStream(res);
    },
  };
  res.on("close", hub.listen(chatId, ear));
}

/** A stream that says at once why there is none: the browser does not come again. */
export function refuseStream(res: Response): void {
  beginStream(res);
  send(res, partial("chat-state", res.locals.part("support/_chat-over", { because: "logged out" })));
  endStream(res);
}

function beginStream(res: Response): void {
  // "no-transform" keeps it from being packed, which would hold it back.
  const caching = { "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no" };
  res
    .status(200)
    .set({ "Content-Type": "text/event-stream; charset=utf-8", ...caching })
    .flushHeaders();
  res.write("retry: 500\n\n");
  res.locals.waitsNoMore();
}

function send(res: Response, html: string, id?: number): void {
  if (res.writableEnded || res.destroyed) return;
  if (res.writableLength > mostUnread) return void res.destroy();
  const lines = html.split("\n").map((line) => `data: ${line}\n`);
  res.write(`${id === undefined ? "" : `id: ${id}\n`}${lines.join("")}\n`);
}

function endStream(res: Response): void {
  if (!res.writableEnded) res.end("event: bye\ndata: .\n\n");
}

const said = (res: Response, message: ChatMessage, side: Side) =>
  res.locals.part("support/_chat-message", { message, side, timeZone: res.locals.viewer?.practice?.timeZone });

const partial = (id: string, html: string) => `<hx-partial hx-target="#${id}" hx-swap="innerHTML">${html}</hx-partial>`;

/** The number of a message in an address; anything else is before the first. */
export const cursor = (text: unknown) => (typeof text === "string" && /^\d{1,9}$/.test(text) ? Number(text) : 0);
const pageOf = (req: Request) => req.path.replace(/\/stream$/, "");
