import { createRequire } from "node:module";
import { Declined } from "../platform/errors.ts";

const load = createRequire(import.meta.url);
let listed: Set<string> | undefined; // 25 MB, loaded when a first password is set

/**
 * Refuses a password that should not be: 15 to 128 characters of any kind, none of the common or breached ones (whole,
 * repeated, or followed by digits), and without the User ID or the practice's name (NIST SP 800-63B-4 3.1.1.2). There
 * are no rules about kinds of characters and no expiry.
 * @throws Declined, on the given field
 */
export function checkPassword(
  password: string,
  person: { userId: string; practiceName: string | null },
  field = "newPassword",
): void {
  const length = [...password].length;
  const refuse = (sentence: string) => {
    throw new Declined({ [field]: sentence });
  };
  if (length < 15) refuse("Use at least 15 characters. Four or five words in a row are easy to remember.");
  if (length > 128) refuse("Use 128 characters or fewer.");
  const plain = password.toLowerCase();
  if (isListed(plain)) refuse("That password is on lists of common or stolen ones. Choose one of your own.");
  const own = [person.userId, person.practiceName]
    .filter((name) => name !== null)
    .map(bare)
    .filter((name) => name.length >= 4);
  if (own.some((name) => bare(plain).includes(name))) {
    refuse("Leave your User ID and the name of your practice out of the password.");
  }
}

const bare = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

function isListed(plain: string): boolean {
  const unit = /^(.+?)\1*$/su.exec(plain)?.[1] ?? plain;
  const stem = unit.replace(/[\d\W_]+$/, "");
  listed ??= new Set(
    (load("@zxcvbn-ts/language-common") as typeof import("@zxcvbn-ts/language-common")).dictionary["passwords-common"],
  );
  return [plain, unit, stem].some((part) => listed?.has(part)) || [...unit].length <= 3;
}
