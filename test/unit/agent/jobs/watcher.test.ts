import { expect, test } from "@jest/globals";
import { pino } from "pino";
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
