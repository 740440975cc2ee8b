import type { Logger } from "pino";
import type { NodeUsage } from "../contract/job-usage.js";
import { AgentError, reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import {
  isDeeperCause,
  type LaunchEvent,
  type RankFailure,
  type RankReport,
  type RanksWait,
} from "./rank-events.js";
import { type RankProcesses, watchRanks } from "./rank-watch.js";

/** What a launch's processes have used on their node. */
export type CgroupUsage = Omit<NodeUsage, "address">;

/** How a proxy ended. `exitCode` is 128 + signal if one killed it, null if the agent was not running then. */
export interface LaunchEnd {
  readonly exitCode: number | null;
  /** The end of the proxy's own output; ranks' output goes through mpiexec. */
  readonly output: string;
  /** Missing where it is not known, or the agent is an older one. */
  readonly usage?: CgroupUsage;
}

/** The proxies on this node. They do not end with the agent. */
export interface ProxyProcesses extends RankProcesses {
  /** Starts the proxy, with the id in its environment; `onExit` once it has ended. Throws when it can't be started. */
  start(id: string, argv: readonly string[], onExit: (exitCode: number) => void): Promise<void>;
  /** The launches on this node since it booted, except the forgotten ones. */
  known(): Promise<readonly { readonly id: string; readonly argv: readonly string[] }[]>;
  isRunning(id: string): Promise<boolean>;
  /** SIGTERM to the proxy, which then ends its ranks; SIGKILL to it and to everything that it started. */
  signal(id: string, signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Whether the kernel has killed a process of the launch because memory ran out. */
  isOutOfMemory(id: string): Promise<boolean>;
  /** What all its processes have used so far; null: they are put away. */
  usage(id: string): Promise<CgroupUsage | null>;
  /** What the proxy printed, its end. */
  output(id: string): Promise<string>;
  forget(id: string): Promise<void>;
}

export interface Launches {
  /** Finds the proxies of the previous agent. Call once, before the first `hold`. */
  restore(): Promise<void>;
  /**
   * Starts the proxy, or joins it if the id is known: to ask twice is to start once. Resolves when it has ended, or with
   * null when `gone` aborts before that. Throws launch-refused when the id belongs to another argv, launch-failed when it
   * can't be started. `onEvent` hears what happens to the ranks meanwhile, and at first what has happened already.
   */
  hold(
    id: string,
    argv: readonly string[],
    gone: AbortSignal,
    onEvent?: (event: LaunchEvent) => void,
  ): Promise<LaunchEnd | null>;
  /** The launches whose proxies run here, and whether something waits for each. */
  running(): readonly { readonly id: string; readonly argv: readonly string[]; readonly isHeld: boolean }[];
  /** SIGKILL to everything of a launch that nothing waits for any more. Does nothing where it is unknown. */
  end(id: string): Promise<void>;
  /** `heard` is called whenever a launch begins to run here, and has to be cheap. */
  onBegin(heard: () => void): void;
  /** A rank reports that it has failed. The first report of a launch counts, and one that explains it; reports of an unknown launch are ignored. */
  report(report: RankReport): Promise<void>;
}

interface Launch {
  readonly argv: string;
  readonly ended: Promise<LaunchEnd>;
  holders: number;
  hasEnded: boolean;
  /** Aborted when it is held again. */
  grace: AbortController;
  readonly listeners: Set<(event: LaunchEvent) => void>;
  failure: RankFailure | null;
  wait: RanksWait | null;
  /** Ends the watch over its ranks. */
  readonly watch: AbortController;
}

export interface LaunchesDeps {
  readonly processes: ProxyProcesses;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a proxy without a waiting launch.sh lives: longer than launch.sh tries to reconnect. */
const UNHELD_MS = 30_000;
const KILL_AFTER_MS = 5_000;
/** How long the end of a proxy is remembered for a launch.sh that missed it. */
const KEEP_MS = 60_000;
const POLL_MS = 500;
/** 128 + SIGKILL: what the kernel sends where memory runs out, and others for other reasons. */
const KILLED_STATUS = 137;

/** The launches on this node. One rule: a proxy lives as long as it is held, and UNHELD_MS more. */
export function createLaunches({ processes, clock, log }: LaunchesDeps): Launches {
  const launches = new Map<string, Launch>();
  const beginListeners: (() => void)[] = [];

  function add(id: string, argv: readonly string[], exit: Promise<number | null>): Launch {
    const ended = exit.then((exitCode) => finish(id, exitCode));
    const launch = {
      ...{ argv: JSON.stringify(argv), ended, holders: 0 },
      ...{ hasEnded: false, grace: new AbortController() },
      listeners: new Set<(event: LaunchEvent) => void>(),
      ...{ failure: null, wait: null, watch: new AbortController() },
    };
    launches.set(id, launch);
    void watchRanks(id, (event) => happened(launch, event), launch.watch.signal, { processes, clock, log });
    // Holders see the failure; there may be none.
    ended.catch(() => undefined);
    return launch;
  }

  /** Held by now: what has just begun is nothing that nobody waits for. */
  function tellBegin(): void {
    for (const heard of beginListeners) heard();
  }

  function happened(launch: Launch, event: LaunchEvent): void {
    if (event.type === "rankFailed") launch.failure = event;
    else launch.wait = event;
    for (const listener of launch.listeners) listener(event);
  }

  async function finish(id: string, exitCode: number | null): Promise<LaunchEnd> {
    const launch = launches.get(id);
    if (launch !== undefined) launch.hasEnded = true;
    launch?.watch.abort();
    // With the last process of it the kernel's count goes.
    const usage = await processes.usage(id).catch(() => null);
    // A proxy that was killed leaves ranks behind, in sessions of their own.
    await processes.signal(id, "SIGKILL");
    const output = await processes.output(id);
    log.info({ launchId: id, exitCode }, "proxy ended");
    void clock.sleep(KEEP_MS).then(() => forget(id));
    return { exitCode, output, ...(usage === null ? {} : { usage }) };
  }

  /** A start that failed half-way may have left a process. The next attempt starts anew. */
  async function abandon(id: string): Promise<void> {
    await processes.signal(id, "SIGKILL").catch(() => undefined);
    await forget(id);
  }

  async function forget(id: string): Promise<void> {
    launches.delete(id);
    await processes.forget(id).catch((error: unknown) => {
      log.warn({ launchId: id, reason: reasonOf(error) }, "a launch's record could not be removed");
    });
  }

  function start(id: string, argv: readonly string[]): Launch {
    const exit = new Promise<number>((resolve, reject) => {
      processes.start(id, argv, resolve).catch(reject);
    });
    const launch = add(id, argv, exit);
    log.info({ launchId: id, argv }, "starting a proxy");
    launch.ended.catch(() => {
      launch.hasEnded = true;
      launch.watch.abort();
      return abandon(id);
    });
    return launch;
  }

  async function endUnheld(id: string, launch: Launch): Promise<void> {
    const { signal } = launch.grace;
    await clock.sleep(UNHELD_MS, signal);
    if (signal.aborted || launch.hasEnded) return;
    log.warn({ launchId: id }, `no mpiexec has waited for this proxy for ${UNHELD_MS / 1000} s: ending it`);
    await processes.signal(id, "SIGTERM");
    await clock.sleep(KILL_AFTER_MS);
    if (!launch.hasEnded) await processes.signal(id, "SIGKILL");
  }

  function letGo(id: string, launch: Launch): void {
    launch.holders -= 1;
    if (launch.holders > 0 || launch.hasEnded) return;
    launch.grace = new AbortController();
    endUnheld(id, launch).catch((error: unknown) => {
      log.error({ launchId: id, reason: reasonOf(error) }, "a proxy could not be ended");
    });
  }

  async function pollEnd(id: string): Promise<null> {
    while (await processes.isRunning(id)) await clock.sleep(POLL_MS);
    return null;
  }

  return {
    async restore() {
      for (const { id, argv } of await processes.known()) {
        const launch = add(id, argv, pollEnd(id));
        launch.holders = 1;
        tellBegin();
        letGo(id, launch);
      }
    },
    async hold(id, argv, gone, onEvent = () => undefined) {
      const known = launches.get(id);
      const launch = known ?? start(id, argv);
      if (launch.argv !== JSON.stringify(argv)) {
        throw new AgentError("launch-refused", `launch ${id} is another proxy's`);
      }
      launch.holders += 1;
      launch.grace.abort();
      if (known === undefined) tellBegin();
      for (const event of [launch.failure, launch.wait]) if (event !== null) onEvent(event);
      launch.listeners.add(onEvent);
      try {
        return await Promise.race([launch.ended, aborted(gone)]);
      } catch (error) {
        throw new AgentError("launch-failed", reasonOf(error), error);
      } finally {
        launch.listeners.delete(onEvent);
        letGo(id, launch);
      }
    },
    running: () =>
      [...launches]
        .filter(([, { hasEnded }]) => !hasEnded)
        .map(([id, { argv, holders }]) => ({ id, argv: JSON.parse(argv) as string[], isHeld: holders > 0 })),
    async end(id) {
      if (launches.has(id)) await processes.signal(id, "SIGKILL");
    },
    onBegin: (heard) => void beginListeners.push(heard),
    async report({ launch: id, rank, status, lines }) {
      const launch = launches.get(id);
      if (launch === undefined || launch.hasEnded) return;
      const isOutOfMemory = status === KILLED_STATUS && (await processes.isOutOfMemory(id));
      const before = launch.failure;
      if (before === null || isDeeperCause({ status, lines }, before)) {
        happened(launch, { type: "rankFailed", rank, status, lines, isOutOfMemory });
      }
    },
  };
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
