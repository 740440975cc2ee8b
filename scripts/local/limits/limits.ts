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
   * Raises what `nodes` nodes of the cloud in `folder` need beside all other clouds'. Throws, naming each limit, its value
   * and the command, where that is not allowed; then all is as it was. May be called again, with another number.
   */
  claim(folder: string, nodes: number): Promise<void>;
  /** Takes the cloud's claim back: after the last one every limit is what it was. Nothing where there is no claim. */
  release(folder: string): Promise<void>;
  /** The nodes that the cloud has claimed limits for; 0 = it has no claim. */
  claimed(folder: string): number;
}

/** Gone after a reboot, as what was raised is. Of the machine, not of a cloud: several share the limits. */
const RECORD = "/run/muster-local/limits.json";
const LOCK = "muster-local-limits";

/** The limits of this machine. Every process may have them: changes wait for each other. */
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

  /** Brings the limits to what the claims need; gives the limits that could not be written. */
  function apply(claims: LimitRecord["claims"]): ReadonlyMap<LimitKey, string> {
    const { record, writes } = planLimits(read(), claims, sysctl.read());
    // First, so that what a killed process had raised is known; a value that it did not come to set counts as nobody's.
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
        const total = Object.values(claims).reduce((sum, count) => sum + count, 0);
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
  };
}

/** Without those of clouds that were removed by hand. */
function livingClaims(claims: LimitRecord["claims"]): LimitRecord["claims"] {
  return Object.fromEntries(Object.entries(claims).filter(([folder]) => existsSync(folder)));
}
