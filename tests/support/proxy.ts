import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll } from "vitest";

/** A wire to a database that can be cut, and can fall silent. */
export type Wire = { url: string; fallSilent(): void; cut(): void; mend(): void; cutAtCommit(): void };

/**
 * Lays a wire between a portal and its database. Silent, it takes what is sent and hands nothing on; cut at
 * the next commit, the database has done it and nobody hears of it.
 */
export async function wireTo(databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  const socketFolder = target.searchParams.get("host");
  const port = Number(target.port || 5432);
  const reach = () =>
    connect(socketFolder ? { path: `${socketFolder}/.s.PGSQL.${port}` } : { host: target.hostname, port });

  let state: "whole" | "silent" | "cut" | "until commit" = "whole";
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    sockets.add(near);
    near.on("error", () => {});
    if (state === "cut") return void near.destroy();
    if (state === "silent") return void near.resume();
    const far = reach();
    sockets.add(far);
    far.on("error", () => {});
    const isOpen = () => state === "whole" || state === "until commit";
    near.on("data", (data) => isOpen() && far.write(data));
    far.on("data", (data) => {
      if (state === "until commit" && data.includes("COMMIT\0")) cut();
      else if (isOpen()) near.write(data);
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  function cut() {
    state = "cut";
    hangUp();
  }
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  afterAll(() => {
    hangUp();
    server.close();
  });

  const url = new URL(databaseUrl);
  url.searchParams.delete("host");
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    fallSilent() {
      state = "silent";
    },
    cut,
    cutAtCommit() {
      state = "until commit";
    },
    mend() {
      state = "whole";
      hangUp(); // what was said into a silent wire is lost, as it is on a real one
    },
  };
}
