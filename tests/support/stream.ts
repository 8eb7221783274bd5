import { once } from "node:events";
import { type ClientRequest, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterEach } from "vitest";
import type { Browser } from "./browser.ts";

export type StreamEvent = { id: string; event: string; data: string };

/** A stream of events as a browser reads it: it keeps the last id, and says it when it comes again. */
export class Stream {
  readonly events: StreamEvent[] = [];
  answer: IncomingMessage | undefined;
  isOver = false;
  readonly #request: ClientRequest;
  #text = "";

  constructor(browser: Browser, path: string, { lastId = "", server = browser.server } = {}) {
    const base = typeof server === "string" ? server : `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const headers = { cookie: browser.cookieHeader, "hx-request": "true", ...(lastId && { "last-event-id": lastId }) };
    this.#request = get(new URL(path, base), { headers: { ...headers, "accept-encoding": "gzip, br" } });
    this.#request.on("error", () => this.#end());
    this.#request.on("response", (answer) => {
      this.answer = answer;
      answer.setEncoding("utf8").on("data", (text) => this.#read(text));
      answer.on("close", () => this.#end());
    });
    opened.push(this);
  }

  /** The numbers of the messages in the order in which they came. */
  get messages(): number[] {
    return this.events.flatMap(({ data }) => [...data.matchAll(/id="said-(\d+)"/g)].map(([, seq]) => Number(seq)));
  }

  get lastId(): string {
    return this.events.findLast(({ id }) => id)?.id ?? "";
  }

  get text(): string {
    return this.events.map(({ data }) => data).join("\n");
  }

  /** Waits until it was told this. */
  async hears(words: string | RegExp, withinMs = 5_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(typeof words === "string" ? this.text.includes(words) : words.test(this.text))) {
      if (performance.now() > deadline) throw new Error(`The stream did not say ${words}, but: ${this.text}`);
      await setTimeout(5);
    }
  }

  async ends(withinMs = 6_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!this.isOver) {
      if (performance.now() > deadline) throw new Error("The stream goes on");
      await setTimeout(5);
    }
  }

  async opens(): Promise<IncomingMessage> {
    if (!this.answer) await once(this.#request, "response");
    return this.answer as IncomingMessage;
  }

  close(): void {
    this.#request.destroy();
  }

  #end(): void {
    this.isOver = true;
  }

  #read(text: string): void {
    this.#text += text;
    const blocks = this.#text.split("\n\n");
    this.#text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event: StreamEvent = { id: "", event: "", data: "" };
      for (const line of block.split("\n")) {
        const [, field, value = ""] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
        if (field === "data") event.data += `${event.data && "\n"}${value}`;
        else if (field) event[field as "id" | "event"] = value;
      }
      if (event.data || event.event || event.id) this.events.push(event);
    }
  }
}

const opened: Stream[] = [];
afterEach(() => {
  for (const stream of opened.splice(0)) stream.close();
});

/** The stream that a chat's page would open. */
export function streamOf(page: { html: string }): string {
  return /data-stream="([^"]+)"/.exec(page.html)?.[1]?.replaceAll("&amp;", "&") ?? "";
}
