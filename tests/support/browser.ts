import type { Server } from "node:http";
import { HTMLElement, parse } from "node-html-parser";
import supertest from "supertest";

type Headers = Record<string, string>;

/** What a form is filled with: texts by the words beside the field, true and false for boxes. */
export type Filling = Record<string, string | boolean>;

/** A form as it would be sent, for those who want to send something else. */
export type Sending = { action: string; method: string; fields: [name: string, value: string][] };

const sidNames = ["sid", "__Host-sid"];

/**
 * A basic browser: keeps cookies, follows links and redirects, fills forms by their labels and presses buttons by
 * their words. No script, no style.
 */
export class Browser {
  /** Where the portal is: in this process, or at an address. */
  readonly server: Server | string;
  readonly #cookies: Map<string, string>;
  /** Sent with everything: what this browser always says. */
  readonly #headers: Headers;
  /** The page that was seen last. */
  page: Page | undefined;

  constructor(
    server: Server | string,
    { cookies = [], headers = {} }: { cookies?: Iterable<[string, string]>; headers?: Headers } = {},
  ) {
    this.server = server;
    this.#cookies = new Map(cookies);
    this.#headers = headers;
  }

  /** The page at an address, redirects followed. */
  async get(path: string, headers: Headers = {}): Promise<Page> {
    return this.#follow(await this.ask("GET", path, { headers }));
  }

  /** Sends a form, with whatever fields, and follows the redirects. */
  async send({ action, method, fields }: Sending, headers: Headers = {}): Promise<Page> {
    if (method !== "post") return this.get(`${action.split("?")[0]}?${new URLSearchParams(fields)}`, headers);
    return this.#follow(await this.ask("POST", action, { headers, fields }));
  }

  /** Posts fields with the token of this browser, as a form of the portal's would. */
  async post(path: string, fields: Record<string, string> = {}, headers: Headers = {}): Promise<Page> {
    const given = { _csrf: await this.token(), ...fields };
    return this.send({ action: path, method: "post", fields: Object.entries(given) }, headers);
  }

  /** The token that the portal's forms carry for this browser. */
  async token(): Promise<string> {
    return this.page?.token ?? (await this.get("/login")).token ?? "";
  }

  /** One request, redirects not followed. */
  async ask(
    method: "GET" | "POST" | "HEAD",
    path: string,
    given: { headers?: Headers; fields?: [string, string][] } = {},
  ): Promise<Page> {
    const client = supertest(this.server);
    const request = method === "GET" ? client.get(path) : method === "HEAD" ? client.head(path) : client.post(path);
    if (this.#cookies.size) request.set("Cookie", this.cookieHeader);
    if (given.fields) request.type("form").send(new URLSearchParams(given.fields).toString());
    // Packing and unpacking every page would take a tenth of the run.
    request.set({ "Accept-Encoding": "identity", ...this.#headers, ...given.headers });
    const answer = await request;
    this.#keepCookies(answer.headers["set-cookie"] as unknown as string[] | undefined);
    const page = new Page(this, path, answer);
    if (page.token) this.page = page;
    return page;
  }

  async #follow(page: Page): Promise<Page> {
    let at = page;
    for (let hops = 0; at.status === 303; hops += 1) {
      if (hops === 5) throw new Error(`${page.path} redirects without end`);
      at = await this.ask("GET", at.header("location"));
    }
    return at;
  }

  #keepCookies(setCookies: string[] = []): void {
    for (const text of setCookies) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      if (!name) continue;
      if (value) this.#cookies.set(name, value);
      else this.#cookies.delete(name);
    }
  }

  /** The session cookie's value: what a thief would take. */
  get sessionCookie(): string {
    return sidNames.map((name) => this.#cookies.get(name)).find(Boolean) ?? "";
  }

  /** All of its cookies, as they are sent. */
  get cookieHeader(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** A second browser with the same cookies, here or on another node of the portal. */
  copy(server: Server | string = this.server): Browser {
    return new Browser(server, { cookies: this.#cookies, headers: this.#headers });
  }
}

/** An answer of the portal's: its status, its headers, and the page as a person reads it. */
export class Page {
  readonly path: string;
  readonly status: number;
  readonly html: string;
  // Not #private: a test that fails shows the page, and shows it by way of a copy.
  private readonly browser: Browser;
  private readonly answer: supertest.Response;
  private parsed: HTMLElement | undefined;

  constructor(browser: Browser, path: string, answer: supertest.Response) {
    this.path = path;
    this.status = answer.status;
    this.html = answer.text ?? "";
    this.browser = browser;
    this.answer = answer;
  }

  get headers(): Record<string, string> {
    return this.answer.headers;
  }

  header(name: string): string {
    return this.answer.headers[name.toLowerCase()] ?? "";
  }

  get setCookies(): string[] {
    return (this.answer.headers["set-cookie"] as unknown as string[] | undefined) ?? [];
  }

  get root(): HTMLElement {
    this.parsed ??= parse(this.html);
    return this.parsed;
  }

  /** The words of the page, without its frame. */
  get text(): string {
    return words(this.root.querySelector("main") ?? this.root);
  }

  get title(): string {
    return words(this.root.querySelector("title"));
  }

  get heading(): string {
    return words(this.root.querySelector("h1"));
  }

  get token(): string | undefined {
    // Asked of every page, and taking a page apart takes longer than making it.
    return /<input type="hidden" name="_csrf" value="([^"]+)">/.exec(this.html)?.[1];
  }

  /** The sentences of the error summary. */
  get errors(): string[] {
    return this.root.querySelectorAll(".errors li").map(words);
  }

  /** The sentence beside a field. */
  errorAt(label: string): string {
    const field = this.root
      .querySelectorAll(".field, fieldset, .tick")
      .find((one) => words(one.querySelector("label, legend")).startsWith(label));
    return words(field?.querySelector(".error"));
  }

  /** What a field holds: the words typed or the value chosen. */
  valueOf(label: string): string {
    const found = fieldNamed(this.root, label);
    if (!found) throw new Error(`${this.path} has no field "${label}"`);
    return found.map((control) => valueOfControl(control)).find((value) => value !== undefined) ?? "";
  }

  /** The rows of a table, as words. */
  rows(selector = "tbody tr"): string[][] {
    return this.root.querySelectorAll(selector).map((row) => row.querySelectorAll("th, td").map(words));
  }

  /** The value beside a key of a list of names and values. */
  fact(key: string): string {
    const row = this.root.querySelectorAll("dl > div").find((one) => words(one.querySelector("dt")) === key);
    return words(row?.querySelector("dd"));
  }

  /** The buttons, by their words. */
  get buttons(): string[] {
    return this.root.querySelectorAll("button").map(words);
  }

  /** The links, by their words. */
  get links(): string[] {
    return this.root.querySelectorAll("a").map(words);
  }

  /** The address that a link leads to. */
  href(linkWords: string): string {
    const link = this.root.querySelectorAll("a").find((one) => words(one) === linkWords);
    if (!link)
      throw new Error(`${this.path} (${this.status}) has no link "${linkWords}", but: ${this.links.join(" · ")}`);
    return link.getAttribute("href") ?? "";
  }

  /** Follows a link. */
  click(linkWords: string): Promise<Page> {
    return this.browser.get(this.href(linkWords));
  }

  /** Fills fields in and presses a button of their form; the answer's redirects are followed. */
  press(buttonWords: string, filling: Filling = {}, headers: Headers = {}): Promise<Page> {
    return this.browser.send(this.sending(buttonWords, filling), headers);
  }

  /** What pressing the button would send. */
  sending(buttonWords: string, filling: Filling = {}): Sending {
    const button = this.root.querySelectorAll("button").find((one) => words(one).startsWith(buttonWords));
    const form = button?.closest("form");
    if (!button || !form) {
      throw new Error(`${this.path} (${this.status}) has no button "${buttonWords}", but: ${this.buttons.join(" · ")}`);
    }
    for (const [label, value] of Object.entries(filling)) fill(form, label, value);
    const fields: Sending["fields"] = [];
    for (const control of form.querySelectorAll("input, select, textarea")) {
      const name = control.getAttribute("name");
      const value = valueOfControl(control);
      if (name && value !== undefined && !control.hasAttribute("disabled")) fields.push([name, value]);
    }
    const name = button.getAttribute("name");
    if (name) fields.push([name, button.getAttribute("value") ?? ""]);
    return { action: form.getAttribute("action") ?? this.path, method: form.getAttribute("method") ?? "get", fields };
  }
}

/** The words of an element as they are read: what stands in a block of its own stands apart, spaces are drawn together. */
function words(element: HTMLElement | null | undefined): string {
  return (element ? spaced(element) : "").replace(/\s+/g, " ").trim();
}

function spaced(element: HTMLElement): string {
  const inside = element.childNodes.map((node) => (node instanceof HTMLElement ? spaced(node) : node.text)).join("");
  return inline.has(element.rawTagName) ? inside : ` ${inside} `;
}

const inline = new Set(["a", "abbr", "b", "code", "em", "i", "small", "span", "strong"]);

const labelWords = (label: HTMLElement) => words(label).replace(/ \(optional\)$/, "");

/** The controls that a label or a legend names: one field, the radio buttons of a choice, or one box. */
function fieldNamed(root: HTMLElement, label: string): HTMLElement[] | undefined {
  const labels = root.querySelectorAll("label");
  const id = labels.find((one) => one.hasAttribute("for") && labelWords(one) === label)?.getAttribute("for");
  if (id) return root.querySelectorAll("input, select, textarea").filter((one) => one.id === id);
  const legend = root.querySelectorAll("legend").find((one) => words(one) === label);
  if (legend) return legend.closest("fieldset")?.querySelectorAll("input[type=radio]");
  return labels.find((one) => !one.hasAttribute("for") && words(one).startsWith(label))?.querySelectorAll("input");
}

function fill(form: HTMLElement, label: string, value: string | boolean): void {
  const controls = fieldNamed(form, label);
  const [first] = controls ?? [];
  if (!controls || !first) throw new Error(`The form has no field "${label}"`);
  if (typeof value === "boolean") {
    check(first, value);
  } else if (first.getAttribute("type") === "radio") {
    const chosen = controls.find(
      (one) => one.getAttribute("value") === value || words(one.closest("label")).startsWith(value),
    );
    if (!chosen || chosen.hasAttribute("disabled")) throw new Error(`"${label}" offers no "${value}"`);
    for (const one of controls) check(one, one === chosen);
  } else if (first.rawTagName.toLowerCase() === "select") {
    const options = first.querySelectorAll("option");
    const chosen = options.find((one) => one.getAttribute("value") === value || words(one) === value);
    if (!chosen) throw new Error(`"${label}" offers no "${value}"`);
    for (const one of options) {
      if (one === chosen) one.setAttribute("selected", "");
      else one.removeAttribute("selected");
    }
  } else {
    first.setAttribute("value", value.replaceAll("&", "&amp;")); // which the parser leaves to its caller
  }
}

function check(box: HTMLElement, on: boolean): void {
  if (on) box.setAttribute("checked", "");
  else box.removeAttribute("checked");
}

/** What a control would send; undefined for a box that is not ticked. */
function valueOfControl(control: HTMLElement): string | undefined {
  const type = control.getAttribute("type");
  if (type === "radio" || type === "checkbox") {
    return control.hasAttribute("checked") ? (control.getAttribute("value") ?? "on") : undefined;
  }
  if (control.rawTagName.toLowerCase() !== "select")
    return control.getAttribute("value") ?? (control.rawTagName === "textarea" ? control.text : "");
  const options = control.querySelectorAll("option");
  const chosen = options.find((one) => one.hasAttribute("selected")) ?? options[0];
  return chosen?.getAttribute("value") ?? words(chosen);
}
