import { runCommand } from "../system/command.js";

const GPG_SECONDS = 60;
const DAY_MS = 86_400_000;
/** A registry refuses what was signed with a key that has expired since: such a release can't be installed any more. */
const LEAST_DAYS = 90;

/** Who signed, as registries tell Terraform. */
export interface SigningKey {
  readonly id: string;
  readonly publicKey: string;
}

/**
 * Signs the file with the key that gpg has by that name, into `<file>.sig`, as registries take it. Fails where the key expires within 90
 * days, before anything is signed.
 */
export async function signFile(file: string, key: string, now: Date): Promise<SigningKey> {
  const gpg = (...args: readonly string[]) =>
    runCommand(["gpg", "--batch", "--yes", ...args], { timeoutSeconds: GPG_SECONDS });
  const { id, expiresAt } = parseKey(await gpg("--with-colons", "--list-keys", key));
  const problem = expiryProblem(key, expiresAt, now);
  if (problem !== null) throw new Error(problem);
  await gpg("--local-user", key, "--output", `${file}.sig`, "--detach-sign", file);
  return { id, publicKey: await gpg("--armor", "--export", key) };
}

/** The first public key that gpg lists. @see https://github.com/gpg/gnupg/blob/master/doc/DETAILS */
export function parseKey(listed: string): { readonly id: string; readonly expiresAt: Date | null } {
  const [, , , , id, , expires = ""] = /^pub:.*$/m.exec(listed)?.[0].split(":") ?? [];
  if (id === undefined) throw new Error("gpg lists no public key of that name.");
  return { id, expiresAt: expires === "" ? null : new Date(Number(expires) * 1000) };
}

/** Why a release must not be signed with the key; null: it may. Pure. */
export function expiryProblem(key: string, expiresAt: Date | null, now: Date): string | null {
  if (expiresAt === null || expiresAt.getTime() - now.getTime() >= LEAST_DAYS * DAY_MS) return null;
  return `The key ${key} expires on ${expiresAt.toISOString().slice(0, 10)}. A release can't be installed any more when its key has expired. Extend it first, to at least ${LEAST_DAYS} days: gpg --quick-set-expire FINGERPRINT 2y.`;
}
