/**
 * The limits of this machine that local nodes share with everything else on it: what `nodes` nodes use, and the minimum that
 * the machine itself needs. Measured with 64 nodes; limits that are not here (watches, processes, files, keys,
 * pseudo-terminals) were far from being reached.
 */
const NEEDS = {
  /** systemd holds five in each node, and says "Too many open files" if it gets none. */
  "fs.inotify.max_user_instances": { use: (nodes: number) => 5 * nodes, machine: 48 },
  /**
   * Network namespaces share one neighbour table, and when MPI starts, each node talks to every other one. If the table is full,
   * a connection fails with "No route to host".
   */
  "net.ipv4.neigh.default.gc_thresh3": { use: (nodes: number) => nodes * (nodes + 2), machine: 256 },
} as const satisfies Record<string, { use(nodes: number): number; machine: number }>;
export type LimitKey = keyof typeof NEEDS;

export const LIMIT_KEYS = Object.keys(NEEDS) as LimitKey[];

/** Values by key. A key that this machine does not have (in a container, for example) is missing, and is left alone. */
export type LimitValues = Readonly<Partial<Record<LimitKey, number>>>;

/** What the clouds of this machine have claimed, and what was changed for them. */
export interface LimitRecord {
  /** Nodes by cloud: the path of its folder. */
  readonly claims: Readonly<Record<string, number>>;
  readonly raised: Readonly<Partial<Record<LimitKey, { readonly before: number; readonly set: number }>>>;
}

/** What that many nodes use of each limit. */
export const usedLimits = (nodes: number): Readonly<Record<LimitKey, number>> =>
  Object.fromEntries(LIMIT_KEYS.map((key) => [key, NEEDS[key].use(nodes)])) as Record<LimitKey, number>;

export const NOTHING_RAISED: LimitRecord = { claims: {}, raised: {} };

/** The minimum for `nodes` nodes; nothing for none. */
export function neededLimits(nodes: number): LimitValues {
  if (nodes === 0) return {};
  return Object.fromEntries(LIMIT_KEYS.map((key) => [key, NEEDS[key].machine + NEEDS[key].use(nodes)]));
}

/**
 * What to write so that all claims together get what they use, in addition to what the machine had: no other program gets
 * less. After the last claim, each limit gets its old value; a limit that was changed meanwhile counts as the machine's
 * own, and stays. Pure; plans nothing for existing claims.
 */
export function planLimits(
  record: LimitRecord,
  claims: LimitRecord["claims"],
  current: LimitValues,
): { readonly record: LimitRecord; readonly writes: LimitValues } {
  const used = usedLimits(Object.values(claims).reduce((sum, count) => sum + count, 0));
  const raised: Partial<Record<LimitKey, { before: number; set: number }>> = {};
  const writes: Partial<Record<LimitKey, number>> = {};
  for (const key of LIMIT_KEYS) {
    const value = current[key];
    if (value === undefined) continue;
    const earlier = record.raised[key];
    const before = earlier?.set === value ? earlier.before : value;
    const wanted = before + used[key];
    if (wanted !== value) writes[key] = wanted;
    if (wanted !== before) raised[key] = { before, set: wanted };
  }
  return { record: { claims, raised }, writes };
}

/** A limit that is too low and can't be raised. */
export interface UnmetLimit {
  readonly key: LimitKey;
  readonly value: number;
  readonly needed: number;
  /** Why writing it failed. */
  readonly problem: string;
}

/** Every limit that is too low, and the one command that raises them. */
export function renderUnmet(nodes: number, unmet: readonly UnmetLimit[]): string {
  const each = unmet.map(
    ({ key, value, needed, problem }) => `${key} is ${value}, but must be ${needed} (${problem})`,
  );
  const command = unmet.map(({ key, needed }) => `${key}=${needed}`).join(" ");
  return `This machine's limits are too low for ${nodes} local nodes, and can't be raised from here: ${each.join("; ")}. Run as root on the machine: sysctl -w ${command}`;
}
