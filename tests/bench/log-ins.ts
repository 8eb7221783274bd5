import { setTimeout } from "node:timers/promises";
import { Browser } from "../support/browser.ts";
import { foundPractice, password, type TestPerson } from "../support/people.ts";
import type { Portal } from "../support/portal.ts";
import { type Bench, inTurn, type Place, percentile } from "./bench.ts";
import { type Asking, aClerkAt, load, startPortal } from "./load.ts";

const seconds = 5;
const aSecondBesidePages = 10;

/** Log-ins against bare hashes on one core; and how much later pages come while ten people log in each second. */
export const logIns: Bench = async (site) => {
  const place = await site.place();
  const portal = await startPortal(place);
  const { cookie } = await aClerkAt(place, portal.url);
  const forms = await formsOf(place, portal.url);
  let at = 0;
  const logIn = () => {
    at += 1;
    return forms[at % forms.length];
  };
  const hashes = await hashesOnOneCore(place);
  const everybody = () => load(portal, { connections: 8, seconds, status: 303, next: logIn });
  await everybody(); // warm
  const [hashed, loggedIn] = await inTurn(3, hashes, async () => (await everybody()).aSecond);

  const pages = async () => {
    const { times } = await load(portal, { connections: 4, seconds, status: 200, next: () => ({ path: "/", cookie }) });
    return percentile(times, 0.99);
  };
  const besideLogIns = async () => {
    const until = performance.now() + seconds * 1000;
    const people = (async () => {
      for (; performance.now() < until; await setTimeout(1000 / aSecondBesidePages)) {
        let left = 1;
        const once = () => (left-- > 0 ? logIn() : undefined);
        void load(portal, { connections: 1, seconds, status: 303, next: once });
      }
    })();
    const [late] = await Promise.all([pages(), people]);
    return late;
  };
  const [idle, busy] = await inTurn(5, pages, besideLogIns);
  await portal.stop();
  return [
    {
      what: "log-ins",
      against: "hashes on one core",
      ratio: loggedIn / hashed,
      reach: { atLeast: 0.8 },
      note: `${loggedIn.toFixed(0)}/s`,
    },
    {
      what: `a page's 99th percentile with ${aSecondBesidePages} log-ins a second`,
      against: "with none",
      ratio: busy / idle,
      reach: { atMost: 2 },
    },
  ];
};

/** Log-in forms as fresh browsers hold them, of people enough that none waits for another's row. */
async function formsOf(place: Place, url: string): Promise<Asking[]> {
  const portal = { db: place.owner, clock: place.parts.clock, parts: place.parts } as unknown as Portal;
  const practices = await Promise.all(Array.from({ length: 8 }, () => foundPractice(portal)));
  return Promise.all(
    practices.map(async ({ bob }: { bob: TestPerson }) => {
      const browser = new Browser(url);
      const _csrf = await browser.token();
      return { path: "/login", cookie: browser.cookieHeader, fields: { _csrf, userId: bob.userId, password } };
    }),
  );
}

async function hashesOnOneCore({ parts }: Place): Promise<() => Promise<number>> {
  const hash = await parts.passwords.hash(password);
  return async () => {
    const began = performance.now();
    let done = 0;
    for (; performance.now() - began < seconds * 1000; done += 1) await parts.passwords.matches(password, hash);
    return (done * 1000) / (performance.now() - began);
  };
}
