import type { LaunchNode } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";
import type { AttemptId, JobHost, JobRecords, OwnExitCode, ProgramUsage } from "./ports.js";

/** A head's request to the node where a job's mpiexec was started. */
type HostAction = "observe" | "SIGTERM" | "SIGKILL" | "forget";

/** That node's answer: the processes after the action, and the hostfile that they were started with. */
export interface HostAnswer {
  readonly processes: Awaited<ReturnType<JobHost["observe"]>>;
  readonly hostfile: string | null;
  /** Missing: the agent is an older one. */
  readonly usage?: ProgramUsage | null;
  /** Missing likewise. */
  readonly exitCode?: OwnExitCode | null;
}

/** The attempt's exit code: from the cluster's records, or else from the node that it ran on. Ask it after `observe`. */
export async function exitCodeOf(
  of: AttemptId,
  records: Pick<JobRecords, "exitCode">,
  host: Pick<JobHost, "exitCode">,
): Promise<number | null> {
  const recorded = await records.exitCode(of);
  if (recorded !== null) return recorded;
  const own = await host.exitCode(of.jobId);
  return own?.attempt === of.attempt ? own.exitCode : null;
}

/** Why a request got no answer: no agent listens on the machine now, or silence. */
export class HostUnreachableError extends Error {
  override readonly name = "HostUnreachableError";
  readonly isRefused: boolean;

  constructor(message: string, isRefused: boolean) {
    super(message);
    this.isRefused = isRefused;
  }
}

/** Asks the agent at `address`; takes at most seconds. Throws HostUnreachableError if it does not answer. */
export type AskHost = (
  address: string,
  question: { readonly jobId: string; readonly action: HostAction; readonly generation: number },
) => Promise<HostAnswer>;

export interface JobHostsDeps {
  readonly self: LaunchNode;
  readonly local: JobHost;
  readonly ask: AskHost;
  readonly clock: Pick<Clock, "monotonicMs">;
}

/**
 * How long a node may be silent before it counts as lost, and its mpiexec with it. It was head, and has let its lease run out: so nothing
 * was heard of it for most of that lease's time already. A machine that only is slow answers one of the questions in this time.
 */
const SILENT_MS = 4_000;
/** A machine that refuses the connection still runs, and so do its jobs: its agent is being restarted. */
const REFUSING_MS = 300_000;

/**
 * Where the processes of job `jobId` can be looked after: on this node, or, under a head of generation `generation`, on
 * another node by way of its agent. Of a node that does not answer they count as running for a while, then as unknown: a node
 * that only can't reach the registry is no lost one.
 */
export function jobHost(
  { jobId, on, generation }: { jobId: string; on: LaunchNode | null; generation: number },
  { self, local, ask, clock }: JobHostsDeps,
): JobHost {
  if (on === null || on.instanceId === self.instanceId) return local;
  let heardAtMs = clock.monotonicMs();
  let exitCode: OwnExitCode | null = null;

  async function tell(action: HostAction): Promise<HostAnswer> {
    try {
      const answer = await ask(on?.address ?? "", { jobId, action, generation });
      heardAtMs = clock.monotonicMs();
      exitCode = answer.exitCode ?? null;
      return answer;
    } catch (error) {
      if (!(error instanceof HostUnreachableError)) throw error;
      const isPatient = clock.monotonicMs() - heardAtMs < (error.isRefused ? REFUSING_MS : SILENT_MS);
      return { processes: isPatient ? "running" : "unknown", hostfile: null };
    }
  }

  return {
    observe: async () => (await tell("observe")).processes,
    exitCode: async () => exitCode,
    hostfile: async () => (await tell("observe")).hostfile,
    usage: async () => (await tell("observe")).usage ?? null,
    // Where it is not heard: an agent ends by itself what it finds running of a job that has ended.
    signal: async (_jobId, signal) => void (await tell(signal)),
    forget: async () => void (await tell("forget")),
  };
}
