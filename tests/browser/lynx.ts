import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const rows = 400;
const columns = 110;

/** A terminal that can do three things, so that reading the screen takes a dozen lines. It is taller than any page. */
const terminal = `plain|a screen that a test reads,
\tcols#${columns}, lines#${rows},
\tclear=\\E[H\\E[J, cup=\\E[%i%p1%d;%p2%dH, cr=\\r, cud1=\\n,
`;
const esc = String.fromCharCode(27);
const token = new RegExp(`${esc}\\[(\\d+);(\\d+)H|${esc}\\[[HJ]|[\\s\\S]`, "gu");
const halfToken = new RegExp(`${esc}(\\[[\\d;]*)?$`);

/** What Lynx says when it waits for a key: of what kind the link is, or what the keys do. */
const ready = /^\(|^Commands: /;

/** Every link and field gets a number, a list is shown with all its choices, and nothing is asked or waited for. */
const settings = `DEFAULT_KEYPAD_MODE:LINKS_AND_FIELDS_ARE_NUMBERED
CHARACTER_SET:utf-8
ACCEPT_ALL_COOKIES:TRUE
NO_PAUSE:TRUE
`;

/**
 * Lynx at a terminal, with its own form handling: what is done here is done by keys, what is known is read from the
 * screen. Fields are found by their label, buttons and links by their words.
 */
export class Lynx {
  readonly #process: ChildProcess;
  readonly #folder: string;
  #screen: string[][] = [];
  #row = 0;
  #column = 0;
  #undrawn = "";
  #lastWrite = performance.now();

  constructor(url: string) {
    this.#folder = mkdtempSync(join(tmpdir(), "caraway-lynx-"));
    writeFileSync(join(this.#folder, "terminal"), terminal);
    writeFileSync(join(this.#folder, "lynx.cfg"), settings);
    execFileSync("tic", ["-o", this.#folder, join(this.#folder, "terminal")]);
    const lynx = `exec lynx -cfg=${join(this.#folder, "lynx.cfg")} -tna -nopause -popup ${url}`;
    this.#process = spawn("script", ["-qfec", `stty rows ${rows} cols ${columns} -echo; ${lynx}`, "/dev/null"], {
      env: { PATH: process.env.PATH, HOME: this.#folder, TERM: "plain", TERMINFO: this.#folder, LANG: "C.UTF-8" },
    });
    this.#process.stdout?.setEncoding("utf8").on("data", (text) => this.#draw(text));
  }

  /** The page as it stands on the screen, without the title above it and the lines at the bottom where Lynx speaks. */
  get page(): string {
    return this.#screen.slice(1, -3).map(words).join("\n");
  }

  /** The page's title, which stands in the first line. */
  get title(): string {
    return words(this.#screen[0] ?? []);
  }

  /** Waits until the page says this. */
  async sees(words: string | RegExp): Promise<void> {
    await this.#find(typeof words === "string" ? new RegExp(literally(words), "g") : words);
  }

  /** Types into the field behind a label, in place of what stands there. */
  async type(label: string, text: string): Promise<void> {
    // Underscores fill up what is not typed; a link has none.
    const number = await this.#find(new RegExp(`${literally(label)}([^[]*)\\[(\\d+)\\](?=[^[]{0,40}_)`, "g"));
    await this.#keys(`${number}g\r`, /entry field|Textarea/);
    const leave = /Textarea/.test(this.#status) ? "\t" : "\r"; // Return begins a new line there
    await this.#keys("\r", /Enter text/);
    await this.#keys(`\x15${text}${leave}`, ready);
  }

  /** Ticks a box, or takes a choice of several: their words stand behind them. */
  async tick(words: string): Promise<void> {
    await this.press(words);
  }

  /** Follows a link, or presses a button. */
  async press(words: string): Promise<void> {
    const number = await this.#find(new RegExp(`\\[(\\d+)\\]((?:\\w*\\))?[( )\\[\\]X*]*)${literally(words)}`, "g"));
    await this.#keys(`${number}g\r`, ready);
    await this.#keys("\r", ready);
  }

  /** Follows a link to a file, has it saved, and returns what is in it. */
  async download(words: string): Promise<string> {
    const file = join(this.#folder, "downloaded");
    const number = await this.#find(new RegExp(`\\[(\\d+)\\]${literally(words)}`, "g"));
    await this.#keys(`${number}g\r`, ready);
    await this.#keys("\r", /D\)ownload/);
    await this.#keys("d", ready);
    const save = await this.#find(/\[(\d+)\]Save to disk/g);
    await this.#keys(`${save}g\r`, ready);
    await this.#keys("\r", /filename/);
    await this.#keys(`\x15${file}\r`, ready);
    await this.#keys("u", ready); // back to where the link stood
    return readFileSync(file, "utf8");
  }

  async close(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Waits until the page is drawn and holds this; of several, returns the number that stands nearest to its words. */
  async #find(pattern: RegExp): Promise<string> {
    const find = () => (ready.test(this.#status) ? [...flat(this.page).matchAll(pattern)] : []);
    await this.#until(() => find().length > 0, `Lynx does not show ${pattern}`);
    const [nearest] = find().sort((one, other) => one[0].length - other[0].length);
    return nearest?.find((part, group) => group > 0 && /^\d+$/.test(part)) ?? "";
  }

  /** Keys that are pressed too soon are lost: Lynx asks at times whether "z" was pressed, and drops all others. */
  async #keys(keys: string, expected: RegExp): Promise<void> {
    const sent = performance.now();
    this.#process.stdin?.write(keys);
    const trouble = `Lynx does not take ${JSON.stringify(keys)}`;
    await this.#until(() => this.#lastWrite > sent && expected.test(this.#status), trouble);
  }

  async #until(isSo: () => boolean, trouble: string): Promise<void> {
    const deadline = performance.now() + 15_000;
    while (!isSo() || performance.now() - this.#lastWrite < 30) {
      if (performance.now() > deadline)
        throw new Error(`${trouble}; it says "${this.#status}" and shows:\n${this.page}`);
      await setTimeout(10);
    }
  }

  /** The line in which Lynx says what it is at. */
  get #status(): string {
    return words(this.#screen[rows - 3] ?? []);
  }

  #draw(text: string): void {
    this.#lastWrite = performance.now();
    const drawn = this.#undrawn + text;
    this.#undrawn = halfToken.exec(drawn)?.[0] ?? "";
    for (const [mark, row, column] of drawn.slice(0, drawn.length - this.#undrawn.length).matchAll(token)) {
      if (row) [this.#row, this.#column] = [Number(row) - 1, Number(column) - 1];
      else if (mark === `${esc}[J`) this.#screen = Array.from({ length: rows }, () => []);
      else if (mark === `${esc}[H`) [this.#row, this.#column] = [0, 0];
      else if (mark === "\r") this.#column = 0;
      else if (mark === "\n") this.#row += 1;
      else {
        const line = this.#screen[this.#row];
        if (line) line[this.#column] = mark;
        this.#column += 1;
      }
    }
  }
}

/** A line of the screen; where nothing was drawn there is nothing in the array. */
const words = (line: string[]) =>
  Array.from(line, (character) => character ?? " ")
    .join("")
    .trimEnd();
/** Lines run on, so that words are found where they are broken. */
const flat = (text: string) => text.replace(/\s+/g, " ");
const literally = (words: string) => words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
