import type { JobStatus } from "../contract/job-state.js";
import type { NodeState } from "../contract/node-state.js";
import { NODE_STATES } from "../contract/node-state.js";

/** What the figures are read from, each time that somebody asks for them. */
export interface MetricSources {
  /** The probes of this node, and whether each passes. */
  probes(): readonly { readonly name: string; readonly isPassing: boolean }[];
  /** The held generation; null unless this node is head. */
  generation(): number | null;
  /** How many nodes the head sees in each state; null unless this node is head. */
  nodesByState(): ReadonlyMap<NodeState, number> | null;
  isJobRunning(): boolean;
  /** The attempts whose output is on this cluster's disk and not yet wholly in the log bucket. Asks the disk. */
  pendingLogs(): Promise<PendingLogs>;
  /** Until the cluster parks; null: something keeps it awake, it never parks, or this node is not head. */
  idleSecondsLeft(): number | null;
  readonly counts: Counts;
}

/** What is on the way to the bucket. */
export interface PendingLogs {
  readonly attempts: number;
  /** All of their output, although the beginning of it may be in the bucket. */
  readonly bytes: number;
}

/** What is counted from the agent's start on, whether or not somebody asks. */
export interface Counts {
  /** Calls to the registry that were answered, and that failed. */
  readonly registryCalls: { answered: number; failed: number };
  /** By status: jobs that this head has ended. */
  readonly jobsEnded: Map<JobStatus, number>;
  /** By status: the seconds that the last attempts of those jobs ran, of which this head has seen both ends. */
  readonly jobSeconds: Map<JobStatus, number>;
}

export const newCounts = (): Counts => ({
  registryCalls: { answered: 0, failed: 0 },
  jobsEnded: new Map(),
  jobSeconds: new Map(),
});

/** The figures as Prometheus reads them. */
export interface Metrics {
  /** The text exposition format, and its content type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/**
 * Makes them. The library is loaded when somebody asks for the first time: a node that is not watched does not pay for it. Names follow
 * https://prometheus.io/docs/practices/naming/.
 */
export function createMetrics(sources: MetricSources): Metrics {
  let opening: Promise<Metrics> | null = null;
  return {
    async render() {
      opening ??= open(sources);
      return (await opening).render();
    },
  };
}

async function open(sources: MetricSources): Promise<Metrics> {
  const { Counter, Gauge, Registry, collectDefaultMetrics } = await import("prom-client");
  const register = new Registry();
  // Memory, CPU time, event loop delay, open files.
  collectDefaultMetrics({ register, prefix: "muster_agent_" });

  const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
    new Gauge({
      ...{ name, help, registers: [register] },
      async collect() {
        this.set(await read());
      },
    });

  gauge("muster_head", "1 on the head node.", () => (sources.generation() === null ? 0 : 1));
  gauge(
    "muster_lease_generation",
    "The lease that this node holds; 0: none.",
    () => sources.generation() ?? 0,
  );
  gauge("muster_job_running", "1 while this head runs a job.", () => (sources.isJobRunning() ? 1 : 0));
  gauge("muster_logs_pending", "Attempts whose log is not wholly in the bucket.", async () => {
    return (await sources.pendingLogs()).attempts;
  });
  gauge("muster_log_bytes_pending", "The output of those attempts, in bytes.", async () => {
    return (await sources.pendingLogs()).bytes;
  });
  new Gauge({
    name: "muster_idle_seconds_left",
    help: "Until the cluster parks. Only the head has it, and only where nothing keeps the cluster awake.",
    registers: [register],
    collect() {
      this.reset();
      this.remove();
      const left = sources.idleSecondsLeft();
      if (left !== null) this.set(left);
    },
  });
  new Gauge({
    name: "muster_probe_passing",
    help: "1 while the readiness probe passes.",
    labelNames: ["probe"],
    registers: [register],
    collect() {
      this.reset();
      for (const { name, isPassing } of sources.probes()) this.set({ probe: name }, isPassing ? 1 : 0);
    },
  });
  new Gauge({
    name: "muster_nodes",
    help: "The cluster's nodes by state. Only the head has it.",
    labelNames: ["state"],
    registers: [register],
    collect() {
      this.reset();
      const counts = sources.nodesByState();
      if (counts !== null) for (const state of NODE_STATES) this.set({ state }, counts.get(state) ?? 0);
    },
  });
  new Counter({
    name: "muster_registry_calls_total",
    help: "Calls to the registry.",
    labelNames: ["result"],
    registers: [register],
    collect() {
      this.reset();
      this.inc({ result: "answered" }, sources.counts.registryCalls.answered);
      this.inc({ result: "failed" }, sources.counts.registryCalls.failed);
    },
  });
  new Counter({
    name: "muster_jobs_ended_total",
    help: "Jobs that this head has ended, by status.",
    labelNames: ["status"],
    registers: [register],
    collect() {
      this.reset();
      for (const [status, count] of sources.counts.jobsEnded) this.inc({ status }, count);
    },
  });
  new Counter({
    name: "muster_job_run_seconds_total",
    help: "How long the last attempts of jobs ran that this head has seen begin and end, by the job's status.",
    labelNames: ["status"],
    registers: [register],
    collect() {
      this.reset();
      for (const [status, seconds] of sources.counts.jobSeconds) this.inc({ status }, seconds);
    },
  });
  return { render: async () => ({ contentType: register.contentType, text: await register.metrics() }) };
}
