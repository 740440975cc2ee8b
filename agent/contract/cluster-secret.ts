/** How many random bytes a secret has; it is their base64url. */
export const SECRET_BYTES = 32;

/** How long after a rotation the secret of before is good for anything. */
export const ROTATION_OVERLAP_MS = 60 * 60_000;
/**
 * How long after it clients still send the token of before: every agent knows that one, and by then every agent knows the new one.
 * So an agent may learn of a rotation half an hour late, and clocks may differ by half an hour.
 */
const SEND_OLD_MS = ROTATION_OVERLAP_MS / 2;

/** A cluster's secret, and what it was before it was rotated. Keep it in memory only. */
export interface ClusterSecret {
  /** Role tokens and the cluster's certificate authority follow from it. */
  readonly value: string;
  /** SSM's number of it; another number, or another time, is another secret. */
  readonly version: number;
  /** Since when it is the secret, by the clock of SSM. */
  readonly since: Date;
  /** The secret of before; null: there was none, or it is not needed any more. */
  readonly previous: string | null;
}

/** One version of the parameter, as SSM gives it. */
export interface SecretParameter {
  readonly Value?: string | undefined;
  readonly Version?: number | undefined;
  readonly LastModifiedDate?: Date | undefined;
}

/**
 * Reads the secret with what it needs of the version before. `get` reads a version of it, or the current one, and gives null where it
 * is not there. `keepsRetired`: the version before is read even where it is good for nothing any more.
 */
export async function readSecretVersions(
  get: (version: number | null) => Promise<SecretParameter | null>,
  { now, keepsRetired = false }: { readonly now: Date; readonly keepsRetired?: boolean },
): Promise<ClusterSecret | null> {
  const parameter = await get(null);
  if (!parameter?.Value) return null;
  const { Value: value, Version: version = 1, LastModifiedDate: since = new Date(0) } = parameter;
  const current = { value, version, since, previous: null };
  const isNeeded = version > 1 && (keepsRetired || isOverlap({ ...current, previous: "" }, now));
  // A version that is gone is no secret of anybody's any more.
  const before = isNeeded ? await get(version - 1) : null;
  return { ...current, previous: before?.Value ?? null };
}

/** Whether the secret of before still counts. */
export function isOverlap({ since, previous }: ClusterSecret, now: Date): boolean {
  return previous !== null && now.getTime() - since.getTime() < ROTATION_OVERLAP_MS;
}

/** The secrets that count now, the newest first: their tokens are accepted, their authorities trusted. */
export const acceptedSecrets = (secret: ClusterSecret, now: Date): readonly [string, ...string[]] =>
  secret.previous !== null && isOverlap(secret, now) ? [secret.value, secret.previous] : [secret.value];

/** The secret whose token a client sends now. */
export function sentSecret(secret: ClusterSecret, now: Date): string {
  const isNew = now.getTime() - secret.since.getTime() < SEND_OLD_MS;
  return isNew ? (secret.previous ?? secret.value) : secret.value;
}

/** The secret of before, once it counts no more. */
export const retiredSecret = (secret: ClusterSecret, now: Date): string | null =>
  isOverlap(secret, now) ? null : secret.previous;
