import { readFile } from "node:fs/promises";
import type { RankSnapshot } from "../launcher/rank-events.js";
import type { RankProcesses } from "../launcher/rank-watch.js";
import { sendSignal, statOf } from "./processes.js";

/** The number of the system call read(2). */
const READ_CALL = process.arch === "arm64" ? 63 : 0;

export interface RankProcessesDeps {
  /** The processes of a launch. */
  pids(launchId: string): Promise<readonly number[]>;
  /** The proxy's pid; null if it is unknown. */
  proxyOf(launchId: string): Promise<number | null>;
}

/** What a process of a launch is. */
interface Member {
  readonly pid: number;
  readonly parent: number;
  /** From its environment, which Hydra sets; null: it has none (any more). */
  readonly rank: number | null;
  readonly waits: boolean;
}

/** Reads a launch's ranks from /proc: the agent is root, and asks no process for anything. */
export function createRankProcesses({ pids: pidsOf, proxyOf }: RankProcessesDeps): RankProcesses {
  async function members(launchId: string): Promise<readonly Member[]> {
    const pids = await pidsOf(launchId);
    const found = await Promise.all(pids.map(memberOf));
    return found.filter((member) => member !== null);
  }

  return {
    async look(launchId) {
      const proxy = await proxyOf(launchId);
      return snapshotOf(await members(launchId), proxy);
    },
    async endLeftovers(launchId) {
      const proxy = await proxyOf(launchId);
      if (proxy === null) return;
      for (const pid of await pidsOf(launchId)) {
        if (pid !== proxy) sendSignal(pid, "SIGKILL");
      }
    },
  };
}

function snapshotOf(members: readonly Member[], proxy: number | null): RankSnapshot {
  const children = members.filter(({ parent, rank }) => parent === proxy && rank !== null);
  const waiting = new Set(members.filter(({ waits }) => waits).map(({ rank }) => rank));
  return {
    ranks: children.map(({ rank }) => ({ rank: rank ?? 0, waits: waiting.has(rank) })),
    others: members.filter(({ pid }) => pid !== proxy && !children.some((child) => child.pid === pid)).length,
  };
}

async function memberOf(pid: number): Promise<Member | null> {
  const [stat, environment, call] = await Promise.all([
    statOf(pid),
    readFile(`/proc/${pid}/environ`, "latin1").catch(() => ""),
    readFile(`/proc/${pid}/syscall`, "latin1").catch(() => ""),
  ]);
  if (stat === null || stat.state === "Z") return null;
  const variable = (name: string): number | null => {
    const value = new RegExp(`(?:^|\\0)${name}=(\\d{1,9})(?:\\0|$)`).exec(environment)?.[1];
    return value === undefined ? null : Number(value);
  };
  const [number, descriptor] = call.split(" ");
  const pmi = variable("PMI_FD");
  const waits = pmi !== null && Number(number) === READ_CALL && Number(descriptor) === pmi;
  return { pid, parent: stat.parent, rank: variable("PMI_RANK"), waits };
}
