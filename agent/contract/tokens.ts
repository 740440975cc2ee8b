import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Role tokens: HMAC-SHA256(cluster secret, "muster:<role>"), base64url. A program that can read the cluster's secret can derive
 * them, so they are not stored.
 * - reader: status and jobs, read only.
 * - operator: as reader, and submit or cancel jobs.
 * - nudge: make the head look at its queue, and nothing else; what is sent by those who write the registry themselves.
 * - submitter: offer the head a new job that is not in the registry yet; what is sent by those who could write it there themselves.
 * - peer: between agents of the same cluster.
 */
export type Role = "reader" | "operator" | "nudge" | "submitter" | "peer";
export const ROLES: readonly Role[] = ["reader", "operator", "nudge", "submitter", "peer"];

/** The token of `role`. `clusterSecret` is the SecureString's value, as it is stored. */
export function roleToken(clusterSecret: string, role: Role): string {
  return createHmac("sha256", clusterSecret).update(`muster:${role}`).digest("base64url");
}

/** The tokens of the secret that was asked for last: an agent has one, and deriving them takes longer than a whole answer. */
let derived: { readonly of: string; readonly tokens: readonly (readonly [Role, Buffer])[] } | null = null;

function tokensOf(clusterSecret: string): readonly (readonly [Role, Buffer])[] {
  if (derived?.of !== clusterSecret) {
    const tokens = ROLES.map((role) => [role, Buffer.from(roleToken(clusterSecret, role))] as const);
    derived = { of: clusterSecret, tokens };
  }
  return derived.tokens;
}

/** The role that `token` proves, or null. Compares in constant time. */
export function roleOfToken(clusterSecret: string, token: string): Role | null {
  const given = Buffer.from(token);
  let proven: Role | null = null;
  for (const [role, expected] of tokensOf(clusterSecret)) {
    if (expected.length === given.length && timingSafeEqual(expected, given)) proven = role;
  }
  return proven;
}
