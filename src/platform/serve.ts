import type { Server } from "node:http";
import type { Express } from "express";

/** Asked for by name: an `import` reads all that the module exports, WebSocket too, and that alone loads 16 MB. */
const { createServer, IncomingMessage, ServerResponse } = process.getBuiltinModule("node:http");

/**
 * A server for the app, which gives slow browsers up: ten seconds for the headers, thirty for the whole request.
 *
 * Express swaps the prototype of every request and response, which makes them slow for the rest of their lives. Born
 * with the prototypes that Express gives them they need no swapping, and the framework's own share falls to a third.
 */
export function serverOf(app: Express): Server {
  class Incoming extends IncomingMessage {}
  class Outgoing extends ServerResponse {}
  app.request = Object.setPrototypeOf(Incoming.prototype, app.request);
  app.response = Object.setPrototypeOf(Outgoing.prototype, app.response);
  const made = createServer({ IncomingMessage: Incoming, ServerResponse: Outgoing }, app);
  made.headersTimeout = 10_000;
  made.requestTimeout = 30_000;
  return made;
}
