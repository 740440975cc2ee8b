import type { Logger } from "pino";
import { DEFAULT_JOB_TIMEOUT_SECONDS } from "../contract/job-request.js";
import type { NodeUsage } from "../contract/job-usage.js";
import type { JobItem } from "../contract/registry.js";
import type { HostfileNode } from "../head/hostfile.js";
import type { Leaving } from "../head/ports.js";
import type { CgroupUsage } from "../launcher/launches.js";
import type { AttemptEvent, Ending } from "./attempt.js";
import { exitCodeOf } from "./job-hosts.js";
import { createLostHosts } from "./lost-hosts.js";
import type { JobHost, ProgramUsage } from "./ports.js";
import { causeOf, programVerdict, type RankVerdict, ranksByHost, rankVerdict } from "./rank-verdict.js";
import type { StepDeps } from "./steps.js";
import { hasExited, observedEvent, planStop, stopBounds } from "./watch.js";

/** Looks after the processes of one running job. */
export interface Watcher {
  /** What happened since the last look, or null: it runs on. */
  look(cancelRequested: boolean): Promise<AttemptEvent | null>;
  /**
   * Ends the processes, one step at each call; the event says that they are gone. Those of a job that was cancelled, or has lost a node,
   * get less time than others.
   */
  stop(ending: Ending): Promise<AttemptEvent | null>;
  /** What its processes have used, of the nodes that have said it so far. */
  usage(): readonly NodeUsage[];
  /** The nodes that ranks were placed on. */
  readonly nodeCount: number;
}

/** How long an end of mpiexec waits for launchers that still run. */
const LAUNCHERS_MS = 500;

const usageOn = (address: string, { peakMemoryBytes, cpuSeconds }: CgroupUsage): NodeUsage => ({
  ...{ address, peakMemoryBytes, cpuSeconds },
});
/** A watcher for a job that was started (`item.startedAt`) on `hosts`, by this agent or by a head before it. */
export function createWatcher(
  item: JobItem,
  hosts: readonly HostfileNode[],
  deps: Pick<StepDeps, "records" | "head" | "reach" | "ranks" | "clock" | "onWake"> & {
    readonly processes: JobHost;
  },
  log: Logger,
): Watcher {
  const { processes, clock } = deps;
  const timeoutSeconds = item.request.timeoutSeconds ?? DEFAULT_JOB_TIMEOUT_SECONDS;
  const runSinceMs = item.startedAt === null ? 0 : clock.now().getTime() - Date.parse(item.startedAt);
  const startedAtMs = clock.monotonicMs() - Math.max(0, runSinceMs);
  let stopAskedAtMs: number | null = null;
  let exitedSinceMs: number | null = null;
  const of = { jobId: item.id, attempt: item.attempt ?? 0 };
  const losses = createLostHosts(
    hosts.map(({ address }) => address),
    { view: deps.head, reach: deps.reach, clock, onNews: deps.onWake },
  );
  const placed = ranksByHost(hosts, item.ranks ?? 0);
  const isAlone = item.request.mpi === false;
  let program: ProgramUsage | null = null;

  /** Ranks that outlived mpiexec would steal the next job's cores. */
  async function exited(exitCode: number | null, verdict: RankVerdict | null = null): Promise<AttemptEvent> {
    await processes.signal(item.id, "SIGKILL");
    return { type: "exited", exitCode, verdict };
  }

  /** If mpiexec is gone, a rank's failure counts at once. */
  function verdictOf(isGone: boolean, exitCode: number | null, nowMs: number): RankVerdict | null {
    if (isAlone) return isGone ? programVerdict(exitCode, program?.isOutOfMemory === true) : null;
    const facts = deps.ranks.factsOf(item.id);
    if (isGone) return causeOf(facts, nowMs);
    return rankVerdict(facts, placed, nowMs, item.request.onRankFailure);
  }

  async function look(cancelRequested: boolean): Promise<AttemptEvent | null> {
    // First the processes, then the code: what has ended has written its code before.
    const state = await processes.observe(item.id);
    const exitCode = await exitCodeOf(of, deps.records, processes);
    const nowMs = clock.monotonicMs();
    const { lost, missing } = losses.look();
    const isGone = hasExited({ exitCode, processes: state });
    if (isGone) {
      exitedSinceMs ??= nowMs;
      await noteUsage();
      const isEarly = nowMs - exitedSinceMs < LAUNCHERS_MS;
      if (state === "running" && isEarly && areEndsToCome()) return null;
    }
    const event = observedEvent({
      ...{ nowMs, startedAtMs, timeoutSeconds, cancelRequested, exitCode, exitedSinceMs },
      processes: state,
      lostHost: lost,
      missingHost: missing,
      verdict: verdictOf(isGone, exitCode, nowMs),
    });
    if (event === null) return takenEvent();
    if (event.type === "ranksFailed") return shutDownEvent() ?? event;
    if (event.type === "nodeLost") {
      // Asked first: a node that is given up is not known by its address any more.
      const taken = deps.head.leaving(event.address);
      deps.head.giveUp(event.address);
      return taken === null ? event : { type: "failed", why: taken.why, host: event.address };
    }
    if (event.type !== "exited") return event;
    const byShutDown = event.exitCode === 0 ? null : shutDownEvent();
    if (byShutDown === null) return exited(event.exitCode, asTaken(event.verdict ?? null));
    const { why, host } = byShutDown;
    return exited(event.exitCode, { ...why, host, lines: null, exitCode: null });
  }

  /** The first of its nodes that goes and is such: its attempt fails for that. */
  function leavingEvent(isSuch: (leaving: Leaving) => boolean) {
    const own = item.launchedOn === null ? [] : [item.launchedOn.address];
    for (const host of new Set([...hosts.map(({ address }) => address), ...own])) {
      const leaving = deps.head.leaving(host);
      if (leaving !== null && isSuch(leaving)) return { type: "failed", why: leaving.why, host } as const;
    }
    return null;
  }

  /** The attempt ends while there is time for it to end in order. */
  const takenEvent = () => leavingEvent(({ isDue }) => isDue);
  /** A machine that goes down ends its ranks, and the others' failures follow from that: none is the program's own. */
  const shutDownEvent = () => leavingEvent(({ shutsDown }) => shutsDown === true);

  /** A lost node that was announced to go has not just been lost. */
  function asTaken(verdict: RankVerdict | null): RankVerdict | null {
    if (verdict?.reasonCode !== "node-lost" || verdict.host === undefined) return verdict;
    return { ...verdict, ...deps.head.leaving(verdict.host)?.why };
  }

  async function noteUsage(): Promise<void> {
    if (isAlone) program = (await processes.usage(item.id).catch(() => null)) ?? program;
  }

  /** mpiexec may end moments before its launchers hear what the proxies have used. */
  function areEndsToCome(): boolean {
    const { ended } = deps.ranks.factsOf(item.id);
    return !isAlone && [...placed.keys()].some((host) => !ended.has(host));
  }

  function usage(): readonly NodeUsage[] {
    if (isAlone) return program === null ? [] : [usageOn(item.launchedOn?.address ?? "", program)];
    return [...deps.ranks.factsOf(item.id).ended].flatMap(([host, end]) =>
      end.usage === undefined ? [] : [usageOn(host, end.usage)],
    );
  }

  async function stop(ending: Ending): Promise<AttemptEvent | null> {
    await noteUsage();
    if ((await processes.observe(item.id)) !== "running") return exited(null);
    const bounds = stopBounds(ending);
    const action = planStop(stopAskedAtMs, clock.monotonicMs(), bounds);
    stopAskedAtMs ??= clock.monotonicMs();
    if (action === "wait") return null;
    if (action !== "giveUp") {
      await processes.signal(item.id, action);
      return null;
    }
    log.error({ jobId: item.id }, "the job's processes can't be killed; ending it without them");
    return exited(null);
  }

  return { look, stop, usage, nodeCount: isAlone ? 1 : placed.size };
}
