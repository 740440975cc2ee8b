import { pino } from "pino";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import { isAttempt } from "../../../agent/contract/job-problems.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import {
  attemptSk,
  clusterPk,
  type JobItem,
  jobSk,
  type LaunchNode,
  partitionKeyed,
  QUEUE_INDEX,
} from "../../../agent/contract/registry.js";
import { attemptWrites } from "../../../agent/contract/writes/attempt.js";
import { jobWrites } from "../../../agent/contract/writes/job.js";
import type { Write } from "../../../agent/contract/writes/write.js";
import { HostUnreachableError } from "../../../agent/jobs/job-hosts.js";
import type { Hostfile } from "../../../agent/jobs/launch-plan.js";
import type { Sign } from "../../../agent/jobs/lost-hosts.js";
import type { NodeFacts } from "../../../agent/jobs/node-facts.js";
import type {
  HeadView,
  JobProcesses,
  JobRecords,
  JobRegistry,
  JobSources,
  OwnExitCode,
  PreparationFailure,
  ProgramUsage,
} from "../../../agent/jobs/ports.js";
import { createPreflight } from "../../../agent/jobs/preflight.js";
import { NO_FACTS, type RankFacts } from "../../../agent/jobs/rank-board.js";
import type { JobRunnerDeps } from "../../../agent/jobs/runner.js";
import { memoryJobItems } from "../memory-jobs.js";
import { memoryTable, withoutKeys } from "../memory-table.js";
import { CLUSTER_UUID } from "./cluster-item.js";
import { fastClock } from "./fast-clock.js";
import { goodFacts, HOSTFILE, KIT, NONCE, SETTINGS } from "./jobs.js";

/** The registry's jobs in memory. `history` has what was written, `faults` what goes wrong. */
export function fakeRegistry(...jobs: JobItem[]) {
  const table = memoryTable();
  const items = memoryJobItems(table);
  for (const job of jobs) items.set(job.id, job);
  const history: string[] = [];
  const faults = { isDown: false };
  const placeOf = (id: string) => ({ clusterUuid: CLUSTER_UUID, id });
  function get(jobId: string): JobItem {
    const item = items.get(jobId);
    if (item === undefined) throw new Error(`no job ${jobId}`);
    return item;
  }
  function set(jobId: string, change: Partial<JobItem>): void {
    items.set(jobId, { ...get(jobId), ...change });
  }
  async function perform(write: Write): Promise<boolean> {
    if (faults.isDown) throw new Error("the table is throttled");
    return table.perform(write);
  }
  async function reading<T>(read: () => T): Promise<T> {
    if (faults.isDown) throw new Error("the table is throttled");
    return read();
  }
  /** The record of a job's attempt. */
  function attempt(jobId: string, number = 1): AttemptItem | null {
    const item = table.get(partitionKeyed(CLUSTER_UUID, attemptSk(jobId, number)));
    return item === null ? null : withoutKeys<AttemptItem>(item);
  }
  return {
    ...{ table, get, set, attempt, history, faults },
    has: (jobId: string) => items.get(jobId) !== undefined,
    registry: {
      queue: () =>
        reading(() =>
          table
            .query(clusterPk(CLUSTER_UUID), jobSk(""))
            .filter((item) => QUEUE_INDEX.hashKey in item)
            .map((item) => withoutKeys<JobItem>(item))
            .sort((a, b) => (a.submittedAt < b.submittedAt ? -1 : 1)),
        ),
      read: (jobId) => reading(() => items.get(jobId) ?? null),
      claim: async (jobId, generation) =>
        (await perform(jobWrites.claim(placeOf(jobId), generation))) ? get(jobId) : null,
      claimPlanned: async (jobId, generation, plan) =>
        (await perform(jobWrites.claimPlanned(placeOf(jobId), generation, plan))) ? get(jobId) : null,
      submitClaimed: async (job, generation, plan) =>
        (await perform(jobWrites.submitClaimed(job, generation, plan))) ? get(job.id) : null,
      setAside: async (key, generation, end) =>
        key.startsWith(jobSk("")) && perform(jobWrites.setAside(CLUSTER_UUID, key, generation, end)),
      async update(jobId, generation, change) {
        const isWritten = await perform(jobWrites.advance(placeOf(jobId), generation, change));
        if (isWritten) history.push(`${jobId} ${change.status ?? change.phase}`);
        return isWritten;
      },
      async recordAttempt(record) {
        if (await perform(attemptWrites.record(record))) return null;
        const found = attempt(record.jobId, record.number);
        return isAttempt(found) && isJobEnded(found.status) ? found : null;
      },
      readAttempt: ({ jobId, attempt: number }) =>
        reading(() => {
          const found = attempt(jobId, number);
          return isAttempt(found) ? found : null;
        }),
      async noteLog({ jobId, attempt: number }, change) {
        const { clusterUuid } = placeOf(jobId);
        await perform(jobWrites.noteLog(placeOf(jobId), number, change));
        return perform(attemptWrites.noteLog({ clusterUuid, jobId, number }, change));
      },
    } satisfies JobRegistry,
  };
}

/** Where the fakes keep the records of a job's attempt. */
export const recordsOf = (jobId: string, attempt = 1): string => `${jobId}/${attempt}`;

/** What mpiexec left: by recordsOf, its output and its exit code. */
function fakeRecords() {
  const outputs = new Map<string, string>();
  const exitCodes = new Map<string, number>();
  return {
    outputs,
    exitCodes,
    records: {
      exitCode: async ({ jobId, attempt }) => exitCodes.get(recordsOf(jobId, attempt)) ?? null,
      async outputEnd({ jobId, attempt }) {
        const text = outputs.get(recordsOf(jobId, attempt));
        return text === undefined ? null : { bytes: Buffer.from(text), isWhole: true };
      },
      remove: async ({ jobId, attempt }) => void outputs.delete(recordsOf(jobId, attempt)),
      forestall: async ({ jobId, attempt }) => !outputs.has(recordsOf(jobId, attempt)),
      ids: async () =>
        [...outputs.keys()].map((key) => {
          const [jobId = "", attempt] = key.split("/");
          return { jobId, attempt: Number(attempt) };
        }),
    } satisfies JobRecords,
  };
}

interface FakeProcesses {
  readonly states: Map<string, "running" | "ended">;
  readonly started: string[];
  /** The attempts whose mpiexec was begun beside the claim, by recordsOf. */
  readonly gotReady: string[];
  readonly signals: string[];
  isStubborn: boolean;
  /** Of a job without MPI. */
  usage: ProgramUsage | null;
  /** Of the attempt that was started last. */
  ownCode: OwnExitCode | null;
  another(): FakeProcesses;
  end(jobId: string, exitCode: number | null): void;
  readonly processes: JobProcesses;
}

/** This node's processes: `started` in order; a test ends one by `end`. SIGTERM ends it unless it is `stubborn`. */
function fakeProcesses(kept: ReturnType<typeof fakeRecords>): FakeProcesses {
  const { outputs, exitCodes } = kept;
  const states = new Map<string, "running" | "ended">();
  const hostfiles = new Map<string, string>();
  /** By job: the number of the attempt that was started last; of one that a test put here, 1. */
  const attempts = new Map<string, number>();
  const fake: FakeProcesses = {
    states,
    started: [],
    gotReady: [],
    signals: [],
    isStubborn: false,
    usage: null,
    ownCode: null,
    /** Another node of the same cluster. */
    another: (): FakeProcesses => fakeProcesses(kept),
    end(jobId: string, exitCode: number | null) {
      states.set(jobId, "ended");
      if (exitCode !== null) exitCodes.set(recordsOf(jobId, attempts.get(jobId)), exitCode);
    },
    processes: {
      getReady: (of) => void fake.gotReady.push(recordsOf(of.jobId, of.attempt)),
      async start({ jobId, attempt }, { hostfile }, _onExit) {
        fake.started.push(jobId);
        states.set(jobId, "running");
        hostfiles.set(jobId, hostfile);
        attempts.set(jobId, attempt);
        outputs.set(recordsOf(jobId, attempt), "hello\n");
      },
      ids: async () => [...states.keys()],
      hostfile: async (jobId) => hostfiles.get(jobId) ?? null,
      observe: async (jobId) => states.get(jobId) ?? "unknown",
      usage: async () => fake.usage,
      exitCode: async () => fake.ownCode,
      async signal(jobId, signal) {
        if (states.get(jobId) !== "running") return;
        fake.signals.push(signal);
        if (signal === "SIGKILL" || !fake.isStubborn) fake.end(jobId, signal === "SIGTERM" ? 255 : null);
      },
      async forget(jobId) {
        states.delete(jobId);
      },
    },
  };
  return fake;
}

/** Another node that a head asks; `silence` is how it does not answer. */
interface OtherNode {
  readonly node: FakeProcesses;
  silence: "refuses" | "is silent" | null;
}

const addressesOf = (hostfile: Hostfile | null): ReadonlySet<string> | null =>
  hostfile === null ? null : new Set(hostfile.nodes.map(({ address }) => address));

/** A head with fakes all around it. What tests change: `world.generation`, `world.hostfile`, the probes, the delivery. */
export function fakeWorld(...jobs: JobItem[]) {
  const scripts = new Map<string, string>();
  const table = fakeRegistry(...jobs);
  const kept = fakeRecords();
  const node = fakeProcesses(kept);
  const world = {
    scripts,
    outputs: kept.outputs,
    exitCodes: kept.exitCodes,
    table,
    node,
    clock: fastClock(),
    generation: 1 as number | null,
    hostfile: HOSTFILE as Hostfile | null,
    self: { instanceId: "i-a", address: "10.0.0.1" } as LaunchNode,
    /** Null: those of the hostfile. */
    inTouch: null as ReadonlySet<string> | null,
    /** How the source of a job is fetched. */
    fetchSource: (async () => ({ version: null, folder: "" })) as JobSources["fetch"],
    /** What a node says that is asked whether it is there. */
    sign: "none" as Sign,
    others: new Map<string, OtherNode>(),
    deadHosts: new Set<string>(),
    /** By address: what a node's facts have instead of the usual. */
    oddFacts: new Map<string, Partial<NodeFacts>>(),
    /** The addresses that were set aside. */
    setAside: [] as string[],
    delivered: [] as string[],
    installFailure: null as PreparationFailure | null,
    preparationFailure: null as PreparationFailure | null,
    /** The hosts that were got ready, by the attempt that they were for. */
    prepared: [] as string[],
    shipped: [] as string[],
    givenUp: [] as string[],
    handsOver: false,
    notebooks: [] as readonly string[],
    /** The nodes that EC2 takes. */
    leaving: new Map<string, NonNullable<ReturnType<HeadView["leaving"]>>>(),
    rankFacts: NO_FACTS as RankFacts,
    deliveryError: null as Error | null,
    /** The one job whose log the bucket does not take. */
    refusedJob: null as string | null,
  };
  const deps: JobRunnerDeps = {
    registry: table.registry,
    processes: node.processes,
    records: kept.records,
    ranks: { factsOf: () => world.rankFacts, forget: () => {} },
    workspace: {
      async prepare(folder, script) {
        if (script !== undefined) scripts.set(`${folder}/${script.name}`, script.content);
      },
      async prepareAhead(folder, script) {
        if (script !== undefined) scripts.set(`${folder}/${script.name}`, script.content);
        return true;
      },
      remove: async () => {},
    },
    environments: {
      install: async () => world.installFailure,
      folderOf: ({ request }) => (request.requirements === undefined ? null : "/environments/key"),
      async prepare(_job, attempt, hosts) {
        world.prepared.push(`${attempt} ${hosts.map(({ address }) => address).join(" ")}`);
        return world.preparationFailure;
      },
    },
    sources: { fetch: (...args) => world.fetchSource(...args) },
    reach: { reach: async () => world.sign },
    preflight: createPreflight({
      // A clock of its own: its files are removed later, which is to make no job's time fly.
      ...{ address: "10.0.0.1", clock: fastClock(), kit: async () => KIT },
      async ask(address, _question, _timeoutMs) {
        if (world.deadHosts.has(address)) throw new Error("connect ECONNREFUSED");
        return goodFacts(address, world.oddFacts.get(address));
      },
      random: () => NONCE,
      shared: { write: async () => {}, remove: async () => {}, sweep: async () => {} },
      onLeftBehind: () => {},
    }),
    delivery: {
      async deliver({ jobId, attempt }) {
        if (world.deliveryError !== null) throw world.deliveryError;
        if (world.refusedJob === jobId) throw new Error("SlowDown");
        if (!kept.outputs.has(recordsOf(jobId, attempt))) return null;
        world.delivered.push(recordsOf(jobId, attempt));
        return { uri: `s3://logs/${recordsOf(jobId, attempt)}`, bytes: 6, sha256: "00", parts: 1 };
      },
      async ship({ jobId, attempt }) {
        if (world.deliveryError !== null) throw world.deliveryError;
        world.shipped.push(recordsOf(jobId, attempt));
      },
      prefixOf: ({ jobId, attempt }) => `s3://logs/${recordsOf(jobId, attempt)}/`,
      forget: () => {},
      forgetAll: () => {},
    },
    head: {
      generation: () => world.generation,
      hostfileNow: () => world.hostfile,
      setAside: (addresses) => void world.setAside.push(...addresses),
      instanceAt: (address) => (address === "10.0.0.2" ? "i-b" : null),
      inTouch: () => world.inTouch ?? addressesOf(world.hostfile),
      handsOver: () => world.handsOver,
      endRest: () => {},
      boundBy: () => world.notebooks,
      leaving: (address) => world.leaving.get(address) ?? null,
      giveUp: (address) => void world.givenUp.push(address),
      heard: () => world.inTouch ?? addressesOf(world.hostfile),
    },
    self: world.self,
    ask: async (address, { jobId, action }) => {
      const other = world.others.get(address);
      if (other === undefined || other.silence !== null)
        throw new HostUnreachableError(address, other?.silence === "refuses");
      const { processes } = other.node;
      const usage = await processes.usage(jobId);
      if (action === "forget") await processes.forget(jobId);
      else if (action !== "observe") await processes.signal(jobId, action);
      const exitCode = await processes.exitCode(jobId);
      return {
        processes: await processes.observe(jobId),
        hostfile: await processes.hostfile(jobId),
        usage,
        exitCode,
      };
    },
    clock: world.clock,
    settings: SETTINGS,
    log: pino({ level: "silent" }),
  };
  return { ...world, world, deps };
}
