import { afterEach, describe, expect, test } from "@jest/globals";
import { CANCELLED_ON_REQUEST } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { beginLastDelivery } from "../../../../agent/jobs/last-delivery.js";
import type { LogDelivery, OwnExitCode } from "../../../../agent/jobs/ports.js";
import { NO_FACTS } from "../../../../agent/jobs/rank-board.js";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { fakeWorld, recordsOf } from "../../../support/agent/fake-jobs.js";
import { fastClock } from "../../../support/agent/fast-clock.js";
import { queuedJob } from "../../../support/agent/jobs.js";

let runner: JobRunner | null = null;
afterEach(() => runner?.stop());

function start(fake: ReturnType<typeof fakeWorld>): void {
  runner = createJobRunner(fake.deps);
  runner.start();
}
async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    if (turns > 100_000) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
const inPhase = (fake: ReturnType<typeof fakeWorld>, job: JobItem, phase: JobItem["phase"]) =>
  until(() => fake.table.get(job.id).phase === phase, `${job.id} in ${phase}`);

/** A job that runs, and a bucket as `bucket` makes it. */
async function running(bucket: (fake: ReturnType<typeof fakeWorld>) => void) {
  const job = queuedJob();
  const fake = fakeWorld(job);
  bucket(fake);
  start(fake);
  await inPhase(fake, job, "running");
  return { job, fake };
}
/** One that does not answer. */
const silent = (fake: ReturnType<typeof fakeWorld>) => {
  fake.deps.delivery.deliver = () => new Promise(() => undefined);
};

const RANK = {
  ...{ host: "10.0.0.1", rank: 1, status: 3, lines: ["ValueError: no"], isOutOfMemory: false },
  atMs: Number.NEGATIVE_INFINITY,
};

describe("a job that runs", () => {
  test("has its output shipped while it runs", async () => {
    const { job, fake } = await running(() => {});
    await until(() => fake.world.shipped.includes(recordsOf(job.id)), "the output is shipped");
    expect(fake.table.get(job.id)).toMatchObject({ phase: "running", logState: "none" });
  });

  test("is kept by no failure of that, and shipped again when it is over", async () => {
    const { job, fake } = await running((it) => {
      it.world.deliveryError = new Error("503");
    });
    const cut = fake.clock.monotonicMs();
    await until(() => fake.clock.monotonicMs() > cut + 60_000, "a minute");
    expect(fake.table.get(job.id)).toMatchObject({ phase: "running", logState: "none", logReason: null });
    fake.world.deliveryError = null;
    await until(() => fake.world.shipped.length > 0, "the output is shipped");
  });
});

describe("a job whose processes have ended", () => {
  test("is final only when its last line is in the bucket: print, exit 1", async () => {
    const { job, fake } = await running(() => {});
    const { deliver } = fake.deps.delivery;
    const seen: Partial<JobItem>[] = [];
    fake.deps.delivery.deliver = async (log, signal) => {
      const { status, phase } = fake.table.get(job.id);
      seen.push({ status, phase, exitCode: log.exitCode });
      return deliver(log, signal);
    };
    fake.node.end(job.id, 1);
    await inPhase(fake, job, "ended");
    expect(seen).toEqual([{ status: "INPROGRESS", phase: "delivering", exitCode: 1 }]);
    expect(fake.table.get(job.id)).toMatchObject({
      ...{ status: "FAILED", exitCode: 1, logState: "delivered", logReason: null },
      log: { uri: `s3://logs/${recordsOf(job.id)}`, parts: 1 },
    });
    await until(() => !fake.outputs.has(recordsOf(job.id)), "the local copy goes");
  });

  test.each<[string, OwnExitCode, Partial<JobItem>]>([
    ["its own", { attempt: 1, exitCode: 7 }, { reasonCode: "mpiexec-failed", exitCode: 7 }],
    ["0 of its own", { attempt: 1, exitCode: 0 }, { status: "FINISHED", exitCode: 0 }],
    ["another attempt's", { attempt: 2, exitCode: 7 }, { reasonCode: "exit-code-unknown", exitCode: null }],
  ])(
    "without an exit code in the records goes by its node's, if that is %s",
    async (_name, own, expected) => {
      const { job, fake } = await running(() => {});
      fake.node.ownCode = own;
      fake.node.end(job.id, null);
      await inPhase(fake, job, "ended");
      expect(fake.table.get(job.id)).toMatchObject({ status: "FAILED", ...expected });
    },
  );

  test("ends without its log where the bucket does not answer", async () => {
    const { job, fake } = await running(silent);
    fake.node.end(job.id, 0);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject({ status: "FINISHED", log: null, logState: "pending" });
  });

  const OF = { jobId: "job-1", attempt: 1, exitCode: 0 };
  const LOG = { uri: "s3://logs/k", bytes: 6, sha256: "00", parts: 1 };
  /** Looks until it is over; what came of it, and how long that took. */
  async function waited(isCancelled: boolean, deliver: LogDelivery["deliver"]) {
    const clock = fastClock();
    const { delivery, log } = fakeWorld().deps;
    const last = beginLastDelivery(OF, isCancelled, { delivery: { ...delivery, deliver }, clock, log });
    for (;;) {
      const result = await last.look();
      if (result !== "waiting") return { result, ms: clock.monotonicMs() };
    }
  }

  test.each([
    [false, 5_000],
    [true, 1_000],
  ])("waits for a bucket that does not answer; cancelled: %s, %d ms", async (isCancelled, ms) => {
    expect(await waited(isCancelled, () => new Promise(() => undefined))).toEqual({ result: null, ms });
  });

  test("is tried again within that time, and waits no longer than it takes", async () => {
    let failures = 2;
    const deliver = async () => {
      failures -= 1;
      if (failures >= 0) throw new Error("503");
      return LOG;
    };
    const { result, ms } = await waited(false, deliver);
    expect(result).toEqual(LOG);
    expect(ms).toBeLessThan(5_000);
    const without = await waited(false, async () => null);
    expect(without.result).toBeNull();
    expect(without.ms).toBeLessThan(1_000);
  });

  test.each<[string, (fake: ReturnType<typeof fakeWorld>, job: JobItem) => void, Partial<JobItem>]>([
    ["finished", (fake, job) => fake.node.end(job.id, 0), { status: "FINISHED", exitCode: 0 }],
    [
      "was cancelled",
      (fake, job) => fake.table.set(job.id, { cancelRequested: true }),
      { status: "CANCELLED", ...CANCELLED_ON_REQUEST },
    ],
    [
      "had a rank that said why it failed",
      (fake, job) => {
        fake.world.rankFacts = { ...NO_FACTS, failed: RANK };
        fake.node.end(job.id, 3);
      },
      { status: "FAILED", reasonCode: "rank-exited", exitCode: 3, lastLines: RANK.lines },
    ],
  ])("is ended by the next head as it has ended: one that %s", async (_name, end, said) => {
    const { job, fake } = await running(silent);
    const { update } = fake.table.registry;
    let isLost = false;
    fake.deps.registry.update = async (...given) => {
      if (isLost) throw new Error("the head is lost");
      const isWritten = await update(...given);
      isLost = given[2].phase === "delivering";
      return isWritten;
    };
    end(fake, job);
    await inPhase(fake, job, "delivering");
    await runner?.stop();
    fake.deps.registry.update = update;
    fake.deps.delivery.deliver = fakeWorld(job).deps.delivery.deliver;
    Object.assign(fake.world, {
      rankFacts: NO_FACTS,
      generation: 2,
      self: { instanceId: "i-b", address: "10.0.0.2" },
    });
    start(fake);
    await inPhase(fake, job, "ended");
    expect(fake.table.get(job.id)).toMatchObject(said);
  });
});
