/**
 * The limits of this machine that local nodes share with everything else on it: what `nodes` of them use, and what the
 * machine itself needs at the least. Measured at 64 nodes; what is not here (watches, processes, files, keys,
 * pseudo-terminals) was far from its default.
 */
const NEEDS = {
  /** systemd holds five in each node, and says "Too many open files" where it gets none. */
  "fs.inotify.max_user_instances": { use: (nodes: number) => 5 * nodes, machine: 48 },
  /**
   * Network namespaces share one neighbour table, and MPI's start lets each node talk to each other one. Where it is full,
   * a connection fails with "No route to host".
   */
  "net.ipv4.neigh.default.gc_thresh3": { use: (nodes: number) => nodes * (nodes + 2), machine: 256 },
} as const satisfies Record<string, { use(nodes: number): number; machine: number }>;
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

/** What there has to be for `nodes` at the least; nothing for none. */
export function neededLimits(nodes: number): LimitValues {
  if (nodes === 0) return {};
  return Object.fromEntries(LIMIT_KEYS.map((key) => [key, NEEDS[key].machine + NEEDS[key].use(nodes)]));
}

/**
 * What to write so that all claims together have what they use on top of what the machine had: nobody else on it gets
 * less. With the last claim each limit goes back to what it was; one that was changed meanwhile counts as the machine's
 * own, and stays. Pure; for claims that stand already it plans nothing.
 */
export function planLimits(
  record: LimitRecord,
  claims: LimitRecord["claims"],
  current: LimitValues,
): { readonly record: LimitRecord; readonly writes: LimitValues } {
  const nodes = Object.values(claims).reduce((sum, count) => sum + count, 0);
  const raised: Partial<Record<LimitKey, { before: number; set: number }>> = {};
  const writes: Partial<Record<LimitKey, number>> = {};
  for (const key of LIMIT_KEYS) {
    const value = current[key];
    if (value === undefined) continue;
    const earlier = record.raised[key];
    const before = earlier?.set === value ? earlier.before : value;
    const wanted = before + (nodes === 0 ? 0 : NEEDS[key].use(nodes));
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
