import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobHost } from "../../../../agent/jobs/ports.js";
import { NO_FACTS, type RankFacts } from "../../../../agent/jobs/rank-board.js";
import { createWatcher } from "../../../../agent/jobs/watcher.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

test("a job has ended as soon as mpiexec has, and each node has said what was used there", async () => {
  const clock = manualClock();
  const { deps } = fakeWorld();
  const hosts = ["10.0.0.1", "10.0.0.2"].map((address) => ({ address, cores: 2 }));
  let facts: RankFacts = NO_FACTS;
  const endOn = (address: string) => {
    facts = { ...facts, ended: new Map(facts.ended).set(address, { atMs: 0, exitCode: 0 }) };
  };
  const watcher = createWatcher(
    { ...queuedJob(), attempt: 1, ranks: 4, startedAt: clock.now().toISOString() },
    hosts,
    {
      ...deps,
      clock,
      ranks: { ...deps.ranks, factsOf: () => facts },
      records: { ...deps.records, exitCode: async () => 0 },
      // Launchers still run.
      onWake: () => {},
      processes: { observe: async () => "running", signal: async () => {} } as unknown as JobHost,
    },
    pino({ level: "silent" }),
  );
  expect(await watcher.look(false)).toBeNull();
  endOn("10.0.0.1");
  expect(await watcher.look(false)).toBeNull();
  endOn("10.0.0.2");
  // No time has passed.
  expect(await watcher.look(false)).toMatchObject({ type: "exited", exitCode: 0 });
});

test("the end of mpiexec waits half a second for launchers that still run, and no longer", async () => {
  const clock = manualClock();
  const { deps } = fakeWorld();
  const watcher = createWatcher(
    { ...queuedJob(), attempt: 1, ranks: 2, startedAt: clock.now().toISOString() },
    [{ address: "10.0.0.1", cores: 2 }],
    {
      ...{ ...deps, clock, onWake: () => {} },
      records: { ...deps.records, exitCode: async () => 0 },
      processes: { observe: async () => "running", signal: async () => {} } as unknown as JobHost,
    },
    pino({ level: "silent" }),
  );
  expect(await watcher.look(false)).toBeNull();
  clock.advance(499);
  expect(await watcher.look(false)).toBeNull();
  clock.advance(1);
  expect(await watcher.look(false)).toMatchObject({ type: "exited", exitCode: 0 });
});

/** A running job on two nodes, of which EC2 takes what `world.leaving` says; it was started so long ago. */
function runningOn(
  world: ReturnType<typeof fakeWorld>,
  sinceMs = 0,
  exitCode: number | null = null,
  facts: RankFacts = NO_FACTS,
) {
  const clock = manualClock();
  const hosts = ["10.0.0.1", "10.0.0.2"].map((address) => ({ address, cores: 2 }));
  const processes = {
    observe: async () => (exitCode === null ? "running" : "ended"),
    signal: async () => {},
    exitCode: async () => (exitCode === null ? null : { attempt: 1, exitCode }),
  } as unknown as JobHost;
  const startedAt = new Date(clock.now().getTime() - sinceMs).toISOString();
  const item = { ...queuedJob(), attempt: 1, ranks: 4, startedAt };
  return {
    clock,
    watcher: createWatcher(
      item,
      hosts,
      {
        ...{ ...world.deps, clock, processes, onWake: () => {} },
        ranks: { ...world.deps.ranks, factsOf: () => facts },
      },
      pino({ level: "silent" }),
    ),
  };
}
test("a job's time runs from its start, also where the agent that watches it began later", async () => {
  const { clock, watcher } = runningOn(fakeWorld(), 3_500_000);
  clock.advance(99_999);
  expect(await watcher.look(false)).toBeNull();
  clock.advance(1);
  expect(await watcher.look(false)).toMatchObject({ type: "timedOut" });
});

const TAKEN = because("node-interrupted", "node i-b is taken: EC2 takes the spot instance (terminate)");

test("a job runs on where EC2 will take a node, until the time of that is up", async () => {
  const world = fakeWorld();
  const { watcher } = runningOn(world);
  world.world.leaving.set("10.0.0.2", { why: TAKEN, isDue: false });
  expect(await watcher.look(false)).toBeNull();
  world.world.leaving.set("10.0.0.2", { why: TAKEN, isDue: true });
  expect(await watcher.look(false)).toEqual({ type: "failed", why: TAKEN, host: "10.0.0.2" });
});

test.each([
  ["was taken, where EC2 has announced it", "10.0.0.2", TAKEN],
  ["was lost, where EC2 has announced another's", "10.0.0.3", { reasonCode: "node-lost" }],
])("a node without which mpiexec has failed %s", async (_name, announced, why) => {
  const world = fakeWorld();
  const { watcher } = runningOn(world, 0, 1);
  world.world.leaving.set(announced, { why: TAKEN, isDue: false });
  world.world.inTouch = new Set(["10.0.0.1"]);
  expect(await watcher.look(false)).toMatchObject({
    type: "exited",
    verdict: { ...why, host: "10.0.0.2" },
  });
});

test("a node that is lost after EC2 has announced it was taken, and not just lost", async () => {
  const world = fakeWorld();
  const { watcher, clock } = runningOn(world);
  world.world.leaving.set("10.0.0.2", { why: TAKEN, isDue: false });
  world.world.inTouch = new Set(["10.0.0.1"]);
  expect(await watcher.look(false)).toBeNull();
  clock.advance(2_000);
  await Promise.resolve();
  expect(await watcher.look(false)).toEqual({ type: "failed", why: TAKEN, host: "10.0.0.2" });
  expect(world.world.givenUp).toEqual(["10.0.0.2"]);
});

const SHUT_DOWN = because("node-lost", "node i-b (10.0.0.2) was shut down while the job ran");
const FAILED_RANK = {
  ...{ host: "10.0.0.1", rank: 0, status: 1, isOutOfMemory: false, atMs: -10_000 },
  lines: ["mpi4py.MPI.Exception: MPI_ERR_PROC_FAILED: another process has failed"],
};

test.each<[string, number | null, object | null, RankFacts]>([
  ["while its ranks run yet", null, { type: "failed", why: SHUT_DOWN, host: "10.0.0.2" }, NO_FACTS],
  [
    "once another node's ranks miss its own",
    null,
    { type: "failed", why: SHUT_DOWN, host: "10.0.0.2" },
    { ...NO_FACTS, failed: FAILED_RANK },
  ],
  [
    "once mpiexec has failed of that",
    1,
    { type: "exited", exitCode: 1, verdict: { ...SHUT_DOWN, host: "10.0.0.2" } },
    { ...NO_FACTS, failed: FAILED_RANK },
  ],
  ["but not where the job had succeeded before", 0, { type: "exited", exitCode: 0 }, NO_FACTS],
])("a node that shuts down has ended the attempt, as lost, %s", async (_name, exitCode, event, facts) => {
  const world = fakeWorld();
  const { watcher, clock } = runningOn(world, 0, exitCode, facts);
  world.world.leaving.set("10.0.0.2", { why: SHUT_DOWN, isDue: true, shutsDown: true });
  clock.advance(1_000);
  expect(await watcher.look(false)).toMatchObject({ ...event });
});

test("a rank that fails beside a node that EC2 only takes later is the program's own failure", async () => {
  const world = fakeWorld();
  const { watcher } = runningOn(world, 0, null, { ...NO_FACTS, failed: FAILED_RANK });
  world.world.leaving.set("10.0.0.2", { why: TAKEN, isDue: false });
  expect(await watcher.look(false)).toMatchObject({
    type: "ranksFailed",
    verdict: { reasonCode: "rank-exited" },
  });
});
