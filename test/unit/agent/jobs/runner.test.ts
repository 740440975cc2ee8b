import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { because, CANCELLED_ON_REQUEST, NO_REASON } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { HEAD_LOST } from "../../../../agent/jobs/attempt.js";
import { LogRefusedError, logReasonOf, pauseMs, planRecords } from "../../../../agent/jobs/log-deliveries.js";
import type { Sign } from "../../../../agent/jobs/lost-hosts.js";
import { NO_FACTS } from "../../../../agent/jobs/rank-board.js";
import { createJobRunner, type JobRunner, nextJob } from "../../../../agent/jobs/runner.js";
import { fakeWorld, recordsOf } from "../../../support/agent/fake-jobs.js";
import { HOSTFILE, queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

let runner: JobRunner | null = null;
afterEach(async () => {
  await runner?.stop();
  runner = null;
});

/** Lets the runner work until `condition` holds; time flies, so this bounds rounds, not seconds. */
async function until(condition: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 5_000; round += 1) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it never happened: ${what}`);
}

function start(fake: ReturnType<typeof fakeWorld>): void {
  runner = createJobRunner(fake.deps);
  runner.start();
}

const logIs = (fake: ReturnType<typeof fakeWorld>, job: JobItem, state: JobItem["logState"]) =>
  until(() => fake.table.get(job.id).logState === state, `the log of ${job.id} ${state}`);

const inPhase = (fake: ReturnType<typeof fakeWorld>, job: JobItem, phase: JobItem["phase"]) =>
  until(() => fake.table.get(job.id).phase === phase, `${job.id} in ${phase}`);

describe("the job runner", () => {
  test("takes a job from the queue to its delivered log, phase by phase", async () => {
    const job = queuedJob("k", { script: { name: "pi.py", content: "print(1)\n" } });
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    expect(runner?.running()).toBe(job.id);
    expect(fake.table.get(job.id)).toMatchObject({ status: "INPROGRESS", ranks: 4, leaseGeneration: 1 });
    fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({
      status: "FINISHED",
      exitCode: 0,
      ...NO_REASON,
      lastLines: ["hello"],
    });
    await logIs(fake, job, "delivered");
    expect(fake.table.get(job.id)).toMatchObject({
      log: { uri: `s3://logs/${recordsOf(job.id)}` },
      logReasonCode: null,
      logReason: null,
    });
    // Phases that pass in no time are not written.
    expect(fake.table.history.map((line) => line.split(" ")[1])).toEqual([
      "launching",
      "running",
      "delivering",
      "FINISHED",
    ]);
    expect(fake.scripts.get(`/shared/.muster/jobs/${job.id}/pi.py`)).toBe("print(1)\n");
    // What has been delivered is not kept beside it.
    await until(() => !fake.outputs.has(recordsOf(job.id)), "no output is kept");
  });

  test("gets the preflight ready beside the claim of a new job, and not where no preflight follows", async () => {
    const left = { ...queuedJob("a"), status: "INPROGRESS", phase: "running", attempt: 1 } as const;
    const cancelled = { ...queuedJob("b", {}, "2026-01-01T00:00:01Z"), cancelRequested: true };
    const fake = fakeWorld(left, cancelled, queuedJob("c", {}, "2026-01-01T00:00:02Z"));
    const steps: string[] = [];
    const registry = {
      ...fake.deps.registry,
      async claim(id: string, generation: number) {
        steps.push(`claim of ${id}`);
        const claimed = await fake.deps.registry.claim(id, generation);
        steps.push(`${id} claimed`);
        return claimed;
      },
    };
    const preflight = { ...fake.deps.preflight, getReady: () => void steps.push("ready") };
    runner = createJobRunner({ ...fake.deps, registry, preflight });
    runner.start();
    await inPhase(fake, queuedJob("c"), "running");
    const [a, b, c] = ["a", "b", "c"].map((name) => queuedJob(name).id);
    expect(steps).toEqual([
      ...[`claim of ${a}`, `${a} claimed`, `claim of ${b}`, `${b} claimed`],
      ...["ready", `claim of ${c}`, `${c} claimed`],
    ]);
  });

  test("runs one at a time, oldest first", async () => {
    const second = queuedJob("b", {}, "2026-01-01T00:00:02Z");
    const first = queuedJob("a", {}, "2026-01-01T00:00:01Z");
    const fake = fakeWorld(second, first);
    start(fake);
    await inPhase(fake, first, "running");
    expect(fake.node.started).toEqual([first.id]);
    fake.node.end(first.id, 0);
    await inPhase(fake, second, "running");
    expect(fake.table.get(first.id).status).toBe("FINISHED");
    expect(fake.node.started).toEqual([first.id, second.id]);
  });

  test("ends a job that does not wait, in place of running it late", async () => {
    const first = queuedJob("a", {}, "2026-01-01T00:00:01Z");
    const impatient = queuedJob("b", { ifBusy: "refuse" }, "2026-01-01T00:00:02Z");
    const patient = queuedJob("c", {}, "2026-01-01T00:00:03Z");
    const fake = fakeWorld(first, impatient, patient);
    start(fake);
    await inPhase(fake, first, "running");
    fake.node.end(first.id, 0);
    await inPhase(fake, patient, "running");
    expect(fake.table.get(impatient.id)).toMatchObject({
      status: "FAILED",
      phase: "ended",
      reasonCode: "cluster-busy",
      attempt: null,
      logState: "none",
    });
    expect(fake.node.started).toEqual([first.id, patient.id]);
  });

  test("fails a job with mpiexec's code, and still delivers its log", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    fake.node.end(job.id, 3);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({
      status: "FAILED",
      exitCode: 3,
      ...because("mpiexec-failed", "mpiexec exited with code 3"),
    });
    await logIs(fake, job, "delivered");
  });

  test.each<
    [string, Partial<JobItem["request"]>, (fake: ReturnType<typeof fakeWorld>) => void, string, RegExp]
  >([
    [
      "a bad request",
      { command: ["a.py", ":"] },
      () => {},
      "job-request-invalid",
      /invalid request: command\.1/,
    ],
    ["too many processes", { processes: 9 }, () => {}, "too-many-processes", /processes is 9, .* 4 cores/],
    [
      "a node that does not answer",
      {},
      (f) => f.world.deadHosts.add("10.0.0.2"),
      "nodes-unreachable",
      /^preflight: 1 of 2 nodes can't run the job: 10\.0\.0\.2 \(i-b\) did not answer: connect ECONNREFUSED$/,
    ],
    [
      "a node of another image",
      {},
      (f) => f.world.oddFacts.set("10.0.0.2", { image: "sha256:bb" }),
      "node-image-differs",
      /10\.0\.0\.2 \(i-2\) has the image sha256:bb, and expected is sha256:aa$/,
    ],
    [
      "a head whose own facts differ, even where the job may go on without a node",
      { onBadNode: "continue" },
      (f) => f.world.oddFacts.set("10.0.0.1", { cores: 1 }),
      "node-cores-differ",
      /10\.0\.0\.1 \(i-1\) has the number of cores 1, and expected is 2$/,
    ],
    [
      "a bad node without which too little is left",
      { onBadNode: "continue", processes: 4 },
      (f) => f.world.deadHosts.add("10.0.0.2"),
      "nodes-unreachable",
      /ECONNREFUSED; without them processes is 4, but the hostfile's 1 nodes have 2 cores$/,
    ],
    [
      "a /shared that can't be written",
      {},
      (f) => {
        f.deps.workspace.prepare = async () => {
          throw new Error("EIO");
        };
      },
      "source-failed",
      /source failed: EIO/,
    ],
  ])("fails before the launch on %s", async (_name, request, spoil, code, reason) => {
    const job = queuedJob("k", request);
    const fake = fakeWorld(job);
    spoil(fake);
    start(fake);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({ status: "FAILED", log: null, exitCode: null });
    expect(fake.table.get(job.id)).toMatchObject({
      reasonCode: code,
      reason: expect.stringMatching(reason),
    });
    expect(fake.node.started).toEqual([]);
  });

  test("gets exactly the plan's hosts ready before the launch, for the attempt that follows", async () => {
    const job = queuedJob("k", { source: { shared: { path: "/shared" } }, requirements: "r.txt" });
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    expect(fake.prepared).toEqual(["1 10.0.0.1 10.0.0.2"]);
  });

  test.each(["installFailure", "preparationFailure"] as const)(
    "fails with the last lines of an %s",
    async (which) => {
      const job = queuedJob();
      const fake = fakeWorld(job);
      fake.world[which] = {
        ...because("setup-failed", "set-up on 10.0.0.2 exited with code 1"),
        lines: ["a", "b"],
      };
      start(fake);
      await inPhase(fake, job, "ended");
      expect(fake.table.get(job.id)).toMatchObject({
        status: "FAILED",
        ...because("setup-failed", "set-up on 10.0.0.2 exited with code 1"),
        lastLines: ["a", "b"],
        exitCode: null,
        logState: "none",
      });
      expect(fake.node.started).toEqual([]);
    },
  );
  test.each<[string, Partial<JobItem["request"]>, number]>([
    ["on all other cores", { onBadNode: "continue" }, 2],
    ["with as many ranks as asked", { onBadNode: "continue", processes: 1 }, 1],
    ["with as many on each node as asked", { onBadNode: "continue", processesPerNode: 1 }, 1],
  ])("runs without a bad node where it may, %s, and says which", async (_name, request, ranks) => {
    const job = queuedJob("k", request);
    const fake = fakeWorld(job);
    fake.world.deadHosts.add("10.0.0.2");
    start(fake);
    await inPhase(fake, job, "running");
    const leftOut = [{ address: "10.0.0.2", instanceId: "i-b", reasonCode: "nodes-unreachable" }];
    expect(fake.table.get(job.id)).toMatchObject({ ranks, leftOut, failedNode: null });
    expect(await fake.deps.processes.hostfile(job.id)).toMatch(/^10\.0\.0\.1:\d\n$/);
    expect(fake.world.setAside).toEqual(["10.0.0.2"]);
    fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    expect(fake.table.attempt(job.id)).toMatchObject({ status: "FINISHED", leftOut });
  });

  test("sets a bad node aside, and names it as the cause, also where the job fails by it", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    fake.world.deadHosts.add("10.0.0.2");
    start(fake);
    await inPhase(fake, job, "ended");
    expect(fake.world.setAside).toEqual(["10.0.0.2"]);
    const failedNode = { address: "10.0.0.2", instanceId: "i-b" };
    expect(fake.table.get(job.id)).toMatchObject({ failedNode, leftOut: [] });
  });

  test("keeps what the job has used on each node in its attempt's record, and the whole in the job too", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    const end = (peakMemoryBytes: number | null, cpuSeconds: number) => ({
      ...{ atMs: 0, exitCode: 0, usage: { peakMemoryBytes, cpuSeconds } },
    });
    fake.world.rankFacts = {
      ...NO_FACTS,
      ended: new Map([
        ["10.0.0.1", end(500, 1.5)],
        ["10.0.0.2", end(700, 2)],
      ]),
    };
    fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    const whole = { peakMemoryBytes: 700, peakMemoryAddress: "10.0.0.2", cpuSeconds: 3.5 };
    const usage = { nodes: 2, silentNodes: 0, ...whole };
    expect(fake.table.get(job.id)).toMatchObject({ usage });
    expect(fake.table.get(job.id)).not.toHaveProperty("usageByNode");
    expect(fake.table.attempt(job.id)).toMatchObject({
      usage,
      usageByNode: [
        { address: "10.0.0.1", peakMemoryBytes: 500, cpuSeconds: 1.5 },
        { address: "10.0.0.2", peakMemoryBytes: 700, cpuSeconds: 2 },
      ],
    });
  });

  test("counts the nodes that have not said what was used there", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    const usage = { peakMemoryBytes: null, cpuSeconds: 1 };
    const ended = new Map([["10.0.0.2", { atMs: 0, exitCode: 0, usage }]]);
    fake.world.rankFacts = { ...NO_FACTS, ended };
    fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id).usage).toMatchObject({ nodes: 1, silentNodes: 1, peakMemoryAddress: null });
  });

  test("waits a moment for launchers that outlive mpiexec, to hear what was used, and no longer", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    const endedAtMs = fake.clock.monotonicMs();
    fake.exitCodes.set(recordsOf(job.id), 0);
    await inPhase(fake, job, "ended");
    expect(fake.clock.monotonicMs() - endedAtMs).toBeGreaterThanOrEqual(500);
    expect(fake.table.get(job.id)).toMatchObject({ status: "FINISHED", usage: null });
  });

  test("runs a job without MPI to its end: its own code, and what it used", async () => {
    const job = queuedJob("k", { mpi: false });
    const fake = fakeWorld(job);
    fake.node.usage = { peakMemoryBytes: 900, cpuSeconds: 4, isOutOfMemory: false };
    start(fake);
    await inPhase(fake, job, "running");
    expect(fake.table.get(job.id)).toMatchObject({ ranks: 1, launchedOn: { address: "10.0.0.1" } });
    // Nodes that it does not run on may go.
    fake.world.hostfile = { ...HOSTFILE, nodes: HOSTFILE.nodes.slice(0, 1) };
    fake.node.end(job.id, 3);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({
      ...{ status: "FAILED", exitCode: 3 },
      ...because("program-exited", "the program exited with code 3"),
      usage: { nodes: 1, silentNodes: 0, peakMemoryBytes: 900, peakMemoryAddress: "10.0.0.1", cpuSeconds: 4 },
    });
  });

  test("starts nothing while there is no hostfile, then does", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    fake.world.hostfile = null;
    start(fake);
    await until(() => fake.clock.monotonicMs() > 60_000, "a minute passed");
    expect(fake.table.get(job.id).status).toBe("NEW");
    fake.world.hostfile = HOSTFILE;
    await inPhase(fake, job, "running");
  });

  test("starts nothing on a head that EC2 takes and another can replace; the next head does", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    fake.world.handsOver = true;
    start(fake);
    await until(() => fake.clock.monotonicMs() > 60_000, "a minute passed");
    expect(fake.table.get(job.id).status).toBe("NEW");
    fake.world.handsOver = false;
    await inPhase(fake, job, "running");
  });

  test("does nothing while this node is not head", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    fake.world.generation = null;
    start(fake);
    await until(() => fake.clock.monotonicMs() > 60_000, "a minute passed");
    expect(fake.table.get(job.id)).toEqual(job);
  });

  test("rests between two looks once the queue has been empty for a minute, and not for a minute after a nudge", async () => {
    const fake = fakeWorld();
    const clock = manualClock();
    let looks = 0;
    let lists = 0;
    const records = {
      ...fake.deps.records,
      ids() {
        lists += 1;
        return fake.deps.records.ids();
      },
    };
    const registry = {
      ...fake.deps.registry,
      queue() {
        looks += 1;
        return fake.deps.registry.queue();
      },
    };
    const looksOfMinute = async (): Promise<number> => {
      [looks, lists] = [0, 0];
      for (let second = 0; second < 60; second += 1) {
        clock.advance(1_000);
        for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      return looks;
    };
    runner = createJobRunner({ ...fake.deps, registry, records, clock });
    runner.start();
    expect(await looksOfMinute()).toBeGreaterThanOrEqual(60);
    expect(await looksOfMinute()).toBeLessThanOrEqual(13);
    // Of a cluster without a job its output is nothing new either.
    expect(lists).toBeLessThanOrEqual(13);
    runner.nudge({ jobId: null });
    expect(await looksOfMinute()).toBeGreaterThanOrEqual(60);
    const stopped = runner.stop();
    clock.advance(5_000);
    await stopped;
    runner = null;
  });

  test("ends a job that takes too long: SIGTERM, then SIGKILL", async () => {
    const job = queuedJob("k", { timeoutSeconds: 20 });
    const fake = fakeWorld(job);
    fake.node.isStubborn = true;
    start(fake);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({
      status: "FAILED",
      ...because("timed-out", "timed out after 20 s"),
      exitCode: null,
    });
    expect(fake.node.signals).toEqual(["SIGTERM", "SIGKILL"]);
    await logIs(fake, job, "delivered");
  });

  test("ends a job whose node is lost, and names the node", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    fake.world.hostfile = { ...HOSTFILE, nodes: HOSTFILE.nodes.slice(0, 1) };
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({
      status: "FAILED",
      ...because("node-lost", "node 10.0.0.2 was lost while the job ran"),
      failedNode: { address: "10.0.0.2", instanceId: "i-b" },
    });
    // It may be there again at once, and must come back as a node that was lost.
    expect(fake.world.givenUp).toEqual(["10.0.0.2"]);
    await logIs(fake, job, "delivered");
  });

  test.each<Sign>(["refuses", "answers"])(
    "runs on while a silent node %s: its agent is restarted",
    async (sign) => {
      const job = queuedJob();
      const fake = fakeWorld(job);
      fake.world.sign = sign;
      start(fake);
      await inPhase(fake, job, "running");
      const sinceMs = fake.clock.monotonicMs();
      fake.world.hostfile = { ...HOSTFILE, nodes: HOSTFILE.nodes.slice(0, 1) };
      await until(() => fake.clock.monotonicMs() > sinceMs + 30_000, "half a minute");
      expect(fake.table.get(job.id).phase).toBe("running");
      fake.world.hostfile = HOSTFILE;
      await until(() => fake.clock.monotonicMs() > sinceMs + 120_000, "two minutes");
      expect(fake.table.get(job.id).phase).toBe("running");
      expect(fake.world.givenUp).toEqual([]);
    },
  );

  test("cancels a running job on request", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    fake.table.set(job.id, { cancelRequested: true });
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({ status: "CANCELLED", ...CANCELLED_ON_REQUEST });
    await logIs(fake, job, "delivered");
  });

  test("puts an ended job's processes away until that has worked, and goes on with the next", async () => {
    const [job, next] = [queuedJob(), queuedJob("next", {}, "2026-01-02T00:00:00Z")];
    const fake = fakeWorld(job, next);
    const { forget } = fake.deps.processes;
    let failures = 3;
    fake.deps.processes.forget = async (jobId) => {
      failures -= 1;
      if (failures >= 0) throw new Error("processes are left");
      await forget(jobId);
    };
    start(fake);
    await inPhase(fake, job, "running");
    fake.node.end(job.id, 0);
    await inPhase(fake, next, "running");
    await until(() => failures === -1, "they are put away");
    expect(fake.table.history.filter((line) => line === `${job.id} FINISHED`)).toHaveLength(1);
  });

  test("cancels a running job for the reason that its item gives", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    const why = because("replaced-by-schedule", "replaced by the slot of noon");
    fake.table.set(job.id, { cancelRequested: true, cancelBecause: why });
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({ status: "CANCELLED", ...why });
    expect(fake.table.attempt(job.id)).toMatchObject({ status: "CANCELLED", ...why });
  });

  test("cancels a queued job without launching it, even where none may start", async () => {
    const job = { ...queuedJob(), cancelRequested: true };
    const fake = fakeWorld(job);
    fake.world.hostfile = null;
    start(fake);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id).status).toBe("CANCELLED");
    expect(fake.node.started).toEqual([]);
  });

  test("watches on, and ends the job, through a registry that is down for a while", async () => {
    const job = queuedJob("k", { timeoutSeconds: 30 });
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    fake.table.faults.isDown = true;
    await until(() => fake.node.signals.length > 0, "the time-out's signal");
    expect(fake.table.get(job.id).phase).toBe("running");
    fake.table.faults.isDown = false;
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id).reason).toBe("timed out after 30 s");
  });
});

describe("the log of a job that has ended", () => {
  /** A job that has ended with exit code 0 while the bucket takes nothing. */
  async function endedWhileDown(error: Error, ...more: JobItem[]) {
    const job = queuedJob();
    const fake = fakeWorld(job, ...more);
    fake.world.deliveryError = error;
    start(fake);
    await inPhase(fake, job, "running");
    fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    return { job, fake };
  }

  test("is pending while the bucket is away, with the job's end told, and delivered when it is back", async () => {
    const { job, fake } = await endedWhileDown(new Error("503 Slow Down"));
    expect(fake.table.get(job.id)).toMatchObject({
      ...{ status: "FINISHED", exitCode: 0, ...NO_REASON, lastLines: ["hello"] },
      ...{ log: null, logState: "pending" },
    });
    await until(() => fake.table.get(job.id).logReason !== null, "the reason is shown");
    expect(fake.table.get(job.id)).toMatchObject({
      logState: "pending",
      logReasonCode: "log-undelivered",
      logReason: "503 Slow Down",
    });
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 1_800_000, "half an hour");
    expect(fake.outputs.has(recordsOf(job.id))).toBe(true);
    fake.world.deliveryError = null;
    await logIs(fake, job, "delivered");
    expect(fake.table.get(job.id)).toMatchObject({ status: "FINISHED", log: { bytes: 6 }, logReason: null });
    await until(() => !fake.outputs.has(recordsOf(job.id)), "no output is kept");
  });

  test("keeps no other job waiting, nor its log", async () => {
    const next = queuedJob("next", {}, "2026-01-02T00:00:00Z");
    const { job, fake } = await endedWhileDown(new Error("503"), next);
    await inPhase(fake, next, "running");
    fake.world.refusedJob = job.id;
    fake.world.deliveryError = null;
    fake.node.end(next.id, 0);
    await logIs(fake, next, "delivered");
    expect(fake.table.get(job.id).logState).toBe("pending");
  });

  test.each<[string, (fake: ReturnType<typeof fakeWorld>) => void]>([
    ["the same head's, with an agent that was started again", () => {}],
    ["another head's", (fake) => Object.assign(fake.world, { generation: 2, self: { instanceId: "i-b" } })],
  ])("is found again and delivered: %s", async (_name, change) => {
    const { job, fake } = await endedWhileDown(new Error("503"));
    await runner?.stop();
    change(fake);
    fake.world.deliveryError = null;
    start(fake);
    await logIs(fake, job, "delivered");
  });

  test("is nobody's to deliver but the head's", async () => {
    const { job, fake } = await endedWhileDown(new Error("503"));
    fake.world.generation = null;
    fake.world.deliveryError = null;
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 300_000, "five minutes");
    expect(fake.table.get(job.id).logState).toBe("pending");
    expect(fake.outputs.has(recordsOf(job.id))).toBe(true);
  });

  test("is kept until the registry has noted where it is", async () => {
    const { job, fake } = await endedWhileDown(new Error("503"));
    fake.table.faults.isDown = true;
    fake.world.deliveryError = null;
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 300_000, "five minutes");
    expect(fake.outputs.has(recordsOf(job.id))).toBe(true);
    fake.table.faults.isDown = false;
    await logIs(fake, job, "delivered");
  });

  test("is lost where the records of a job that ran are gone", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    fake.outputs.delete(recordsOf(job.id));
    fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({
      status: "FINISHED",
      logState: "lost",
      logReason: expect.stringContaining("not in the cluster's records"),
    });
  });

  test.each<[number, Error, number]>([
    [1, new Error("503"), 1_000],
    [4, new Error("503"), 8_000],
    [50, new Error("503"), 60_000],
    [1, new LogRefusedError("AccessDenied"), 300_000],
  ])("after %i tries and %s waits %i ms", (tries, error, waitedMs) => {
    expect(pauseMs(tries, error)).toBe(waitedMs);
  });

  test.each([
    [new LogRefusedError("AccessDenied"), "log-refused"],
    [new Error("503 Slow Down"), "log-undelivered"],
  ])("after %p the log's reason has the code %s", (error, logReasonCode) => {
    expect(logReasonOf(error)).toEqual({ logReasonCode, logReason: error.message });
  });

  const running = { status: "INPROGRESS", logState: "none", attempt: 2 } as const;
  const failed = { status: "FAILED", logState: "pending", attempt: 2 } as const;
  const delivered = { ...failed, logState: "delivered" } as const;
  type Facts = Pick<JobItem, "status" | "logState" | "attempt"> | null;
  test.each<[string, Facts, Facts, "deliver" | "remove" | "keep"]>([
    ["whose job is gone", null, failed, "remove"],
    ["that runs", running, running, "keep"],
    ["whose end the job does not know yet", running, failed, "keep"],
    ["whose log is pending", failed, failed, "deliver"],
    ["whose job waits for the next one", { ...running, logState: "pending" }, failed, "deliver"],
    ["before the one that runs", { ...running, attempt: 3 }, failed, "deliver"],
    ["whose log is delivered", delivered, delivered, "remove"],
    ["whose log only its own record still calls pending", delivered, failed, "deliver"],
    ["that has no log", { ...failed, logState: "none" }, { ...failed, logState: "none" }, "remove"],
    ["without a record", failed, null, "remove"],
    ["of a job that was set aside", { ...running, status: "FAILED" }, running, "remove"],
  ])("decides what becomes of the records of an attempt %s", (_name, job, record, plan) => {
    expect(planRecords(job, 2, record)).toBe(plan);
  });
});

describe("a head and its lease", () => {
  test("after a restart, with a newer generation, it adopts the job that runs on here", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    await runner?.stop();
    fake.world.generation = 2;
    start(fake);
    await until(() => fake.table.get(job.id).leaseGeneration === 2, "adopted");
    expect(fake.node.signals).toEqual([]);
    fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({ status: "FINISHED", exitCode: 0, leaseGeneration: 2 });
    expect(fake.node.started).toEqual([job.id]);
  });

  test("a new head on another node fails the job with its log, and goes on with the next", async () => {
    const lost = {
      ...queuedJob("lost"),
      status: "INPROGRESS",
      phase: "running",
      attempt: 1,
      leaseGeneration: 1,
      launchedOn: { instanceId: "i-b", address: "10.0.0.9" },
    } as const;
    const next = queuedJob("next", {}, "2026-01-02T00:00:00Z");
    const fake = fakeWorld(lost, next);
    fake.outputs.set(recordsOf(lost.id), "half of it\n");
    fake.world.generation = 2;
    start(fake);
    await inPhase(fake, lost, "ended");
    expect(fake.table.get(lost.id)).toMatchObject({
      status: "FAILED",
      ...HEAD_LOST,
      lastLines: ["half of it"],
    });
    await logIs(fake, lost, "delivered");
    await inPhase(fake, next, "running");
  });

  /** The job of a head of before, i-b, that still runs there; this node is head now. */
  function adopting(silence: "refuses" | "is silent" | null = null) {
    const job = queuedJob("theirs");
    const fake = fakeWorld({
      ...job,
      ...{ status: "INPROGRESS", phase: "running", leaseGeneration: 1, attempt: 1, ranks: 4 },
      launchedOn: { instanceId: "i-b", address: "10.0.0.2" },
      startedAt: "2026-01-01T00:00:00Z",
    });
    const there = fake.node.another();
    there.states.set(job.id, "running");
    fake.outputs.set(recordsOf(job.id), "hello\n");
    fake.world.others.set("10.0.0.2", { node: there, silence });
    fake.world.generation = 2;
    return { job, fake, there };
  }

  test("a new head adopts a job that runs on on the node of the head before, and sees its end", async () => {
    const { job, fake, there } = adopting();
    start(fake);
    await until(() => fake.table.get(job.id).leaseGeneration === 2, "adopted");
    const adoptedAtMs = fake.clock.monotonicMs();
    // That node is neither ready nor connected: it can't reach the registry.
    fake.world.hostfile = { ...HOSTFILE, nodes: HOSTFILE.nodes.slice(0, 1) };
    await until(() => fake.clock.monotonicMs() > adoptedAtMs + 600_000, "ten minutes");
    expect(fake.table.get(job.id)).toMatchObject({ status: "INPROGRESS", phase: "running" });
    there.end(job.id, 0);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({ status: "FINISHED", exitCode: 0 });
    expect([...there.started, ...fake.node.started]).toEqual([]);
    expect(there.states.size).toBe(0);
  });

  test.each([
    ["while it runs", false],
    ["after its end", true],
  ])("a new head adopts a program without MPI %s, with its own code", async (_name, hasEnded) => {
    const { job, fake, there } = adopting();
    fake.table.set(job.id, { request: { ...job.request, mpi: false }, ranks: 1 });
    there.usage = { peakMemoryBytes: 900, cpuSeconds: 4, isOutOfMemory: false };
    if (hasEnded) there.end(job.id, 3);
    start(fake);
    await until(() => fake.table.get(job.id).leaseGeneration === 2, "adopted");
    there.end(job.id, 3);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({
      ...{ status: "FAILED", exitCode: 3 },
      ...because("program-exited", "the program exited with code 3"),
    });
    if (!hasEnded) {
      const usage = { nodes: 1, silentNodes: 0, peakMemoryAddress: "10.0.0.2" };
      expect(fake.table.get(job.id).usage).toMatchObject(usage);
    }
  });

  test("a new head cancels a job on the node that it runs on", async () => {
    const { job, fake, there } = adopting();
    start(fake);
    fake.table.set(job.id, { cancelRequested: true });
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id).status).toBe("CANCELLED");
    expect(there.signals).toEqual(["SIGTERM"]);
  });

  test.each([
    ["is silent", 4_000],
    ["refuses", 300_000],
  ] as const)("a node that %s is given up after %i ms, and its job with it", async (silence, patienceMs) => {
    const { job, fake } = adopting(silence);
    start(fake);
    await until(() => fake.clock.monotonicMs() > 0.6 * patienceMs, "most of the patience");
    expect(fake.table.get(job.id)).toMatchObject({ status: "INPROGRESS", leaseGeneration: 2 });
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({
      ...{ status: "FAILED", ...HEAD_LOST },
      failedNode: fake.table.get(job.id).launchedOn,
    });
  });

  test("a node whose agent is back in time has lost nothing", async () => {
    const { job, fake, there } = adopting("refuses");
    start(fake);
    await until(() => fake.clock.monotonicMs() > 100_000, "100 s");
    fake.world.others.set("10.0.0.2", { node: there, silence: null });
    there.end(job.id, 0);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id).status).toBe("FINISHED");
  });

  test("the node that lost its lease leaves its job to the head that has it now", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    fake.world.generation = null;
    fake.table.set(job.id, { leaseGeneration: 2 });
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 60_000, "a minute");
    expect(fake.node.signals).toEqual([]);
    expect(fake.node.states.get(job.id)).toBe("running");
    expect(runner?.running()).toBeNull();
  });

  test("a node that fails the registry's probe alone is no lost one, nor one that the head can't judge", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    fake.world.hostfile = { ...HOSTFILE, nodes: [] };
    fake.world.inTouch = new Set(["10.0.0.1", "10.0.0.2"]);
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 60_000, "a minute");
    expect(fake.table.get(job.id).phase).toBe("running");
  });

  test("without the lease for a moment it lets the job run, and takes it up again", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    start(fake);
    await inPhase(fake, job, "running");
    fake.world.generation = null;
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 20_000, "20 s without a lease");
    expect(fake.node.signals).toEqual([]);
    fake.world.generation = 3;
    await until(() => fake.table.get(job.id).leaseGeneration === 3, "adopted");
    expect(fake.node.states.get(job.id)).toBe("running");
  });

  test.each<[string, number | null]>([
    ["that is still sure of its lease", 1],
    ["that knows of no lease", null],
  ])(
    "a head %s lets go of a job that a newer one has ended: processes killed, nothing written",
    async (_name, generation) => {
      const job = queuedJob();
      const fake = fakeWorld(job);
      start(fake);
      await inPhase(fake, job, "running");
      const theirs = {
        leaseGeneration: 2,
        status: "FAILED",
        phase: "ended",
        ...HEAD_LOST,
      } as const;
      fake.table.set(job.id, theirs);
      fake.world.generation = generation;
      await until(() => fake.node.states.get(job.id) === undefined, "ended and forgotten");
      expect(runner?.running()).toBeNull();
      expect(fake.node.signals).toEqual(["SIGKILL"]);
      expect(fake.table.get(job.id)).toMatchObject(theirs);
    },
  );

  test("an agent that starts again ends what it finds running here of a job that is over, head or not", async () => {
    const over = { ...queuedJob("over"), status: "FAILED", phase: "ended" } as const;
    const elsewhere = {
      ...queuedJob("elsewhere"),
      ...({ status: "INPROGRESS", phase: "running", leaseGeneration: 1 } as const),
      launchedOn: { instanceId: "i-b", address: "10.0.0.2" },
    };
    const ours = { ...elsewhere, id: "job-ours", launchedOn: { instanceId: "i-a", address: "10.0.0.1" } };
    const fake = fakeWorld(over, elsewhere, ours);
    for (const id of [over.id, elsewhere.id, ours.id, "job-gone"]) fake.node.states.set(id, "running");
    fake.world.generation = null;
    fake.table.faults.isDown = true;
    start(fake);
    await until(() => fake.clock.monotonicMs() > 30_000, "half a minute without a registry");
    expect(fake.node.signals).toEqual([]);
    fake.table.faults.isDown = false;
    await until(() => fake.node.states.size === 1, "one is left");
    expect(fake.node.states.get(ours.id)).toBe("running");
  });

  test("a claim that fails harms nothing", async () => {
    const job = queuedJob();
    const fake = fakeWorld(job);
    const stale = [job];
    fake.deps.registry.queue = async () => stale;
    fake.table.set(job.id, { status: "INPROGRESS", leaseGeneration: 9, phase: "running" });
    start(fake);
    await until(() => fake.clock.monotonicMs() > 10_000, "ten looks");
    expect(fake.table.get(job.id)).toMatchObject({ leaseGeneration: 9, phase: "running" });
    expect(fake.node.started).toEqual([]);
  });
});

describe("what can't be read as a job", () => {
  const spoilt = (key: string) => queuedJob(key, {}, "2025-01-01T00:00:00Z");

  test.each([
    ["an entry of the queue", "queue"],
    ["an item that its claim finds", "claim"],
  ] as const)("is ended with its reason, and keeps nothing back: %s", async (_name, where) => {
    const [bad, good] = [spoilt("bad"), queuedJob("good")];
    const fake = fakeWorld(bad, good);
    const { queue, claim } = fake.deps.registry;
    const unreadable = { key: `JOB#${bad.id}`, problem: "status: got 5" };
    if (where === "queue") {
      fake.deps.registry.queue = async () =>
        (await queue()).map((entry) => ("id" in entry && entry.id === bad.id ? unreadable : entry));
    } else {
      fake.deps.registry.claim = async (id, generation) =>
        id === bad.id ? unreadable : claim(id, generation);
    }
    start(fake);
    await inPhase(fake, good, "running");
    expect(fake.table.get(bad.id)).toMatchObject({
      status: "FAILED",
      reason: "its item in the registry can't be read: status: got 5",
    });
    expect(fake.node.started).toEqual([good.id]);
  });

  test("is named once and passed by where it can't even be written", async () => {
    const lines: string[] = [];
    const job = queuedJob();
    const fake = fakeWorld(job);
    fake.world.hostfile = null;
    const { queue } = fake.deps.registry;
    const log = pino({ level: "error" }, { write: (line: string) => void lines.push(line) });
    const registry = {
      ...fake.deps.registry,
      queue: async () => [{ key: "JOB#x", problem: "id: missing" }, ...(await queue())],
      setAside: async () => {
        throw new Error("ValidationException");
      },
    };
    runner = createJobRunner({ ...fake.deps, registry, log });
    runner.start();
    await until(() => fake.clock.monotonicMs() > 60_000, "a minute passed");
    fake.world.hostfile = HOSTFILE;
    await inPhase(fake, job, "running");
    expect(lines.filter((line) => line.includes("JOB#x"))).toHaveLength(1);
  });
});

describe("the next job", () => {
  const fresh = queuedJob("new");
  const older = { ...queuedJob("old"), status: "INPROGRESS", leaseGeneration: 1 } as const;
  const newer = { ...queuedJob("newer"), status: "INPROGRESS", leaseGeneration: 3 } as const;
  test.each<[string, JobItem[], boolean, JobItem | null]>([
    ["none", [], true, null],
    ["the oldest new one", [fresh, queuedJob("later")], true, fresh],
    ["none while none may start", [fresh], false, null],
    ["what an earlier head left, before any new one", [fresh, older], true, older],
    ["what an earlier head left, even while none may start", [fresh, older], false, older],
    ["never a newer head's", [newer], true, null],
  ])("is %s", (_name, jobs, mayStart, expected) => {
    expect(nextJob(jobs, 2, mayStart)).toBe(expected);
  });
});
