import { Readable } from "node:stream";
import type pg from "pg";

const [newline, carriageReturn] = [10, 13];
/** Kinds of messages of PostgreSQL's protocol (its documentation, 54.7). */
const kind = { copyOut: 0x48, copyData: 0x64, copyDone: 0x63, notice: 0x4e, notification: 0x41, parameter: 0x53 };
const passedOver = [kind.copyOut, kind.notice, kind.notification, kind.parameter];
/** Before each message: its kind, and its length in four bytes, which count themselves. */
const headBytes = 5;
/** So many bytes between two looks for garbage. */
const freedEvery = 250_000;
const mark = Buffer.from("\ufeff");

/**
 * The lines that `COPY … TO STDOUT` writes, each ended as RFC 4180 has it, after the mark of UTF-8. A query of pg, which
 * reads the protocol's messages itself: a library (pg-copy-streams) makes an object of each row, and an export of a
 * million then takes 5 to 14 MB more.
 */
export class CopyLines extends Readable implements pg.Submittable {
  readonly #sql: string;
  #rest: Buffer = Buffer.alloc(0);
  #begun = false;
  #unfreed = 0;
  #connection: pg.Connection | undefined;
  #answerReader: ((bytes: Buffer) => void) | undefined;

  constructor(sql: string) {
    super();
    this.#sql = sql;
  }

  /** Called by pg when it is this query's turn. Until the lines are over, what arrives is read here. */
  submit(connection: pg.Connection): void {
    this.#connection = connection;
    const [reader, ...others] = connection.stream.listeners("data");
    if (!reader || others.length) throw new Error("pg reads its connection in another way than it did");
    this.#answerReader = reader as (bytes: Buffer) => void;
    connection.stream.removeListener("data", this.#answerReader);
    connection.stream.on("data", this.#take);
    connection.query(this.#sql);
  }

  override _read(): void {
    this.#connection?.stream.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#giveBack();
    done(error);
  }

  handleError(error: Error): void {
    this.destroy(error);
  }
  handleCommandComplete(): void {}
  handleReadyForQuery(): void {}

  readonly #take = (bytes: Buffer) => {
    const data = this.#rest.length ? Buffer.concat([this.#rest, bytes]) : bytes;
    const lines = Buffer.allocUnsafe(data.length); // a line gains one byte and loses the five before it
    let [from, to] = [0, 0];
    while (from + headBytes <= data.length) {
      const end = from + 1 + data.readUInt32BE(from + 1);
      const what = data[from] ?? 0;
      if (what !== kind.copyData && !passedOver.includes(what)) {
        if (to) this.push(lines.subarray(0, to));
        // The lines are over, or something else was answered: pg reads on from there.
        this.#rest = data.subarray(what === kind.copyDone ? end : from);
        this.#giveBack();
        if (what === kind.copyDone) this.push(null);
        return;
      }
      if (end > data.length) break;
      if (what === kind.copyData) {
        to += data.copy(lines, to, from + headBytes, end - 1);
        lines[to++] = carriageReturn;
        lines[to++] = newline;
      } else if (what === kind.copyOut) this.#begin();
      from = end;
    }
    this.#rest = data.subarray(from);
    this.#free(data.length);
    if (to && !this.push(lines.subarray(0, to))) this.#connection?.stream.pause();
  };

  /**
   * V8 looks for garbage by the objects that it made, and a buffer is a small one however much it holds: left alone,
   * what was sent stays around by the ten megabytes. So it is told to look, where `npm start` lets it be told.
   */
  #free(bytes: number): void {
    this.#unfreed += bytes;
    if (this.#unfreed < freedEvery) return;
    this.#unfreed = 0;
    globalThis.gc?.({ type: "minor" });
  }

  #begin(): void {
    if (!this.#begun) this.push(mark);
    this.#begun = true;
  }

  #giveBack(): void {
    const [stream, reader] = [this.#connection?.stream, this.#answerReader];
    if (!stream || !reader) return;
    this.#answerReader = undefined;
    stream.removeListener("data", this.#take);
    stream.on("data", reader);
    stream.resume();
    if (this.#rest.length) reader(this.#rest);
  }
}
