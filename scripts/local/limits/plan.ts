/**
 * The limits of this machine that local nodes share with everything else on it, and what `nodes` of them need. Measured at
 * 64 nodes; what is not here (watches, processes, files, keys, pseudo-terminals) was far from its default.
 */
const NEEDS = {
  /** systemd holds five in each node, and says "Too many open files" where it gets none; the rest is the machine's own. */
  "fs.inotify.max_user_instances": (nodes: number) => 48 + 5 * nodes,
  /**
   * Network namespaces share one neighbour table, and MPI's start lets each node talk to each other one. Where it is full,
   * a connection fails with "No route to host".
   */
  "net.ipv4.neigh.default.gc_thresh3": (nodes: number) => 256 + nodes * (nodes + 2),
} as const satisfies Record<string, (nodes: number) => number>;
export type LimitKey = keyof typeof NEEDS;

export const LIMIT_KEYS = Object.keys(NEEDS) as LimitKey[];

/** Values by key. One that this machine does not show (in a container, say) is missing: nothing is done about it. */
export type LimitValues = Readonly<Partial<Record<LimitKey, number>>>;

/** What the clouds of this machine have asked for, and what was changed for them. */
export interface LimitRecord {
  /** Nodes by cloud: the path of its folder. */
  readonly claims: Readonly<Record<string, number>>;
  readonly raised: Readonly<Partial<Record<LimitKey, { readonly before: number; readonly set: number }>>>;
}

export const NOTHING_RAISED: LimitRecord = { claims: {}, raised: {} };

/** What `nodes` need; nothing for none. */
export function neededLimits(nodes: number): LimitValues {
  if (nodes === 0) return {};
  return Object.fromEntries(LIMIT_KEYS.map((key) => [key, NEEDS[key](nodes)]));
}

/**
 * What to write so that the limits are enough for all claims together, and no value that somebody else has set is lost:
 * a limit that is high enough is left alone, a raised one goes back to what it was once it need not be raised, and one
 * that was changed meanwhile counts as the machine's own. Pure; for claims that stand already it plans nothing.
 */
export function planLimits(
  record: LimitRecord,
  claims: LimitRecord["claims"],
  current: LimitValues,
): { readonly record: LimitRecord; readonly writes: LimitValues } {
  const needed = neededLimits(Object.values(claims).reduce((sum, nodes) => sum + nodes, 0));
  const raised: Partial<Record<LimitKey, { before: number; set: number }>> = {};
  const writes: Partial<Record<LimitKey, number>> = {};
  for (const key of LIMIT_KEYS) {
    const value = current[key];
    if (value === undefined) continue;
    const earlier = record.raised[key];
    const before = earlier?.set === value ? earlier.before : value;
    const wanted = Math.max(before, needed[key] ?? 0);
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
    ({ key, value, needed, problem }) => `${key} is ${value}, needed is ${needed} (${problem})`,
  );
  const command = unmet.map(({ key, needed }) => `${key}=${needed}`).join(" ");
  return `This machine's limits are too low for ${nodes} local nodes, and can't be raised from here: ${each.join("; ")}. As root of the machine: sysctl -w ${command}`;
}
