import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import type { Challenge, ChallengeParts } from "./challenges.ts";

/** Loaded when the first passkey is made or shown: 10 MB that most days do without. */
const library = () => import("@simplewebauthn/server");

/** What a passkey is bound to: the portal's own address. */
export type PasskeySite = { name: string; origin: string };

/** The site of a portal. Browsers bind passkeys to names, not numbers: on this machine alone that name is localhost. */
export function passkeySite(name: string, publicUrl: string): PasskeySite {
  const url = new URL(publicUrl);
  if (["127.0.0.1", "[::1]"].includes(url.hostname)) url.hostname = "localhost";
  return { name, origin: url.origin };
}

export type PasskeyAnswer = AuthenticationResponseJSON;

const rpId = (site: PasskeySite) => new URL(site.origin).hostname;

/** The options for a browser to make a passkey; their challenge must be kept until the answer comes. */
export async function passkeyToMake(
  { db, site }: { db: Db; site: PasskeySite },
  person: { id: string; userId: string; name: string },
) {
  const had = await db("second_factors").where({ user_id: person.id, kind: "passkey" }).select("credential_id");
  return (await library()).generateRegistrationOptions({
    rpName: site.name,
    rpID: rpId(site),
    userID: new TextEncoder().encode(person.id),
    userName: person.userId,
    userDisplayName: person.name,
    excludeCredentials: had.map(({ credential_id }) => ({ id: credential_id })),
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
  });
}

/**
 * Checks a passkey that a browser made.
 * @throws Declined when it does not answer the challenge from this address
 */
export async function madePasskey(site: PasskeySite, expectedChallenge: string, response: RegistrationResponseJSON) {
  const verified = await (await library())
    .verifyRegistrationResponse({
      response,
      expectedChallenge,
      expectedOrigin: site.origin,
      expectedRPID: rpId(site),
      requireUserVerification: true,
    })
    .catch(() => null);
  if (!verified?.verified) throw new Declined({ form: "The passkey could not be added. Try again." });
  const { credential } = verified.registrationInfo;
  return { credentialId: credential.id, publicKey: Buffer.from(credential.publicKey), uses: credential.counter };
}

/** The options for a browser to show a passkey, for a waiting challenge. */
export async function passkeyToShow({ db, site }: { db: Db; site: PasskeySite }, challenge: Challenge) {
  const keys = await db("second_factors")
    .where({ user_id: challenge.person.id, kind: "passkey" })
    .select("credential_id");
  const options = await (await library()).generateAuthenticationOptions({
    rpID: rpId(site),
    userVerification: "required",
    allowCredentials: keys.map(({ credential_id }) => ({ id: credential_id })),
  });
  await db("challenges").where({ id: challenge.id }).update({ passkey_challenge: options.challenge });
  return options;
}

/** Since when the challenge's person has had the passkey that answers it; null when none does. A counter that did not rise means that the key was copied. */
export async function passkeyProves(
  { db, site }: ChallengeParts & { site: PasskeySite },
  challenge: Challenge,
  response: PasskeyAnswer,
): Promise<Date | null> {
  const key = await db("second_factors")
    .where({ user_id: challenge.person.id, kind: "passkey", credential_id: String(response.id) })
    .first();
  if (!key || !challenge.passkeyChallenge) return null;
  const verified = await (await library())
    .verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge.passkeyChallenge,
      expectedOrigin: site.origin,
      expectedRPID: rpId(site),
      credential: { id: key.credential_id, publicKey: new Uint8Array(key.public_key), counter: key.uses },
      requireUserVerification: true,
    })
    .catch(() => null);
  if (!verified?.verified) return null;
  await db("second_factors").where({ id: key.id }).update({ uses: verified.authenticationInfo.newCounter });
  return key.added_at;
}
