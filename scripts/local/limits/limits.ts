import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { withLock } from "./lock.js";
import {
  LIMIT_KEYS,
  type LimitKey,
  type LimitRecord,
  NOTHING_RAISED,
  neededLimits,
  planLimits,
  renderUnmet,
  type UnmetLimit,
} from "./plan.js";
import { openSysctl, type Sysctl } from "./sysctl.js";

/** The machine's limits, raised while clouds need it. */
export interface Limits {
  /**
   * Raises the limits to what `nodes` nodes of the cloud in `folder` need in addition to all other clouds. If that is not allowed,
   * throws, naming each limit, its value and the command; the limits are then unchanged. May be called again, with another number.
   */
  claim(folder: string, nodes: number): Promise<void>;
  /** Removes the cloud's claim; after the last claim, every limit has its old value again. Does nothing without a claim. */
  release(folder: string): Promise<void>;
  /** The nodes that the cloud has claimed limits for; 0 = it has no claim. */
  claimed(folder: string): number;
  /** The nodes that all clouds together have claimed limits for. */
  claimedByAll(): number;
}

/** A reboot removes it, and resets the limits. It belongs to the machine, because several clouds share the limits. */
const RECORD = "/run/muster-local/limits.json";
const LOCK = "muster-local-limits";

/** The limits of this machine. Any process may use them: changes wait for each other. */
export function openLimits(sysctl: Sysctl = openSysctl(), recordPath = RECORD): Limits {
  const read = (): LimitRecord =>
    existsSync(recordPath) ? (JSON.parse(readFileSync(recordPath, "utf8")) as LimitRecord) : NOTHING_RAISED;

  function keep(record: LimitRecord): void {
    if (Object.keys(record.claims).length === 0) {
      rmSync(recordPath, { force: true });
      return;
    }
    mkdirSync(dirname(recordPath), { recursive: true });
    writeFileSync(`${recordPath}.new`, JSON.stringify(record));
    renameSync(`${recordPath}.new`, recordPath);
  }

  /** Sets the limits to what the claims need; gives the limits that could not be written. */
  function apply(claims: LimitRecord["claims"]): ReadonlyMap<LimitKey, string> {
    const { record, writes } = planLimits(read(), claims, sysctl.read());
    // First, so that it is known what a killed process raised; a value that it did not set in time is ignored.
    keep(record);
    const problems = new Map<LimitKey, string>();
    for (const key of LIMIT_KEYS) {
      const value = writes[key];
      if (value === undefined) continue;
      try {
        sysctl.write(key, value);
      } catch (error) {
        problems.set(key, (error as Error).message);
      }
    }
    return problems;
  }

  function unmet(nodes: number, problems: ReadonlyMap<LimitKey, string>): UnmetLimit[] {
    const current = sysctl.read();
    const needed = neededLimits(nodes);
    return [...problems].flatMap(([key, problem]) => {
      const value = current[key] ?? 0;
      return value < (needed[key] ?? 0) ? [{ key, value, needed: needed[key] ?? 0, problem }] : [];
    });
  }

  return {
    claim: (folder, nodes) =>
      withLock(LOCK, () => {
        const { [folder]: own, ...others } = livingClaims(read().claims);
        const claims = nodes > 0 ? { ...others, [folder]: nodes } : others;
        const total = totalOf(claims);
        const problems = unmet(total, apply(claims));
        if (problems.length === 0) return;
        apply(own === undefined ? others : { ...others, [folder]: own });
        throw new Error(renderUnmet(total, problems));
      }),
    release: async (folder) => {
      if (read().claims[folder] === undefined) return;
      await withLock(LOCK, () => {
        const { [folder]: _own, ...others } = livingClaims(read().claims);
        const [key, problem] = [...apply(others)][0] ?? [];
        if (key !== undefined) throw new Error(`${key} could not be set back: ${problem}`);
      });
    },
    claimed: (folder) => read().claims[folder] ?? 0,
    claimedByAll: () => totalOf(read().claims),
  };
}

const totalOf = (claims: LimitRecord["claims"]): number =>
  Object.values(claims).reduce((sum, nodes) => sum + nodes, 0);

/** Without those of clouds that were removed by hand. */
function livingClaims(claims: LimitRecord["claims"]): LimitRecord["claims"] {
  return Object.fromEntries(Object.entries(claims).filter(([folder]) => existsSync(folder)));
}
