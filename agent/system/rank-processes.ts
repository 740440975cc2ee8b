import { open, readFile } from "node:fs/promises";
import pMap from "p-map";
import type { RankSnapshot } from "../launcher/rank-events.js";
import type { RankProcesses } from "../launcher/rank-watch.js";
import { sendSignal, statOf } from "./processes.js";

/**
 * No program starts with a larger environment: Linux gives arguments and environment three quarters of 8 MiB. A process can have the kernel show
 * any part of its memory as its environment (PR_SET_MM_MAP), gigabytes long: no more than this is read, and of few at a time.
 */
const MAX_ENVIRONMENT_BYTES = 6 * 1_048_576;
const CHUNK_BYTES = 65_536;
const AT_ONCE = 4;

/** The number of the system call read(2). */
const READ_CALL = process.arch === "arm64" ? "63" : "0";

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
  /** From its environment, which Hydra sets; null: it has none (any more), or it is of no interest. */
  readonly rank: number | null;
  readonly waits: boolean;
}

/** Reads a launch's ranks from /proc: the agent is root, and asks no process for anything. */
export function createRankProcesses({ pids: pidsOf, proxyOf }: RankProcessesDeps): RankProcesses {
  async function members(launchId: string, proxy: number | null): Promise<readonly Member[]> {
    const pids = await pidsOf(launchId);
    const found = await pMap(pids, (pid) => memberOf(pid, proxy), { concurrency: AT_ONCE });
    return found.filter((member) => member !== null);
  }

  return {
    async look(launchId) {
      const proxy = await proxyOf(launchId);
      return snapshotOf(await members(launchId, proxy), proxy);
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

async function memberOf(pid: number, proxy: number | null): Promise<Member | null> {
  const [stat, call] = await Promise.all([
    statOf(pid),
    readFile(`/proc/${pid}/syscall`, "latin1").catch(() => ""),
  ]);
  if (stat === null || stat.state === "Z") return null;
  const { parent } = stat;
  const [number, descriptor] = call.split(" ");
  const reads = number === READ_CALL;
  if (!reads && parent !== proxy) return { pid, parent, rank: null, waits: false };
  const environment = await readStart(`/proc/${pid}/environ`);
  const variable = (name: string): number | null => {
    const value = new RegExp(`(?:^|\\0)${name}=(\\d{1,9})(?:\\0|$)`).exec(environment)?.[1];
    return value === undefined ? null : Number(value);
  };
  const pmi = variable("PMI_FD");
  return {
    pid,
    parent,
    rank: variable("PMI_RANK"),
    waits: reads && pmi !== null && Number(descriptor) === pmi,
  };
}

/** An environment, or its first bytes; empty where the process has gone. */
async function readStart(path: string): Promise<string> {
  const file = await open(path).catch(() => null);
  if (file === null) return "";
  try {
    const chunks: Buffer[] = [];
    for (let left = MAX_ENVIRONMENT_BYTES; left > 0; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES));
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      left -= bytesRead;
    }
    return Buffer.concat(chunks).toString("latin1");
  } catch {
    return "";
  } finally {
    await file.close();
  }
}
