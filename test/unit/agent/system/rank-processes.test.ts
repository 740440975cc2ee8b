import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { RankSnapshot } from "../../../../agent/launcher/rank-events.js";
import { confined } from "../../../../agent/system/confined.js";
import { createRankProcesses } from "../../../../agent/system/rank-processes.js";
import { waitFor } from "../../../../scripts/system/wait.js";
import { type TestCgroups, testCgroups } from "../../../support/agent/cgroups.js";
import { JOB_USER } from "../../../support/agent/job-user.js";

let own: TestCgroups;
beforeEach(async () => {
  own = await testCgroups();
});
afterEach(() => own.remove());

/** A shell that stands in for Hydra's proxy, with `script` to start what stands in for ranks. */
async function proxy(script: string) {
  const folder = await own.cgroups.make("launch", "one");
  const [program, ...args] = confined(folder, JOB_USER, ["/bin/bash", "-c", script]);
  const child = spawn(program, args, {
    cwd: "/",
    stdio: ["ignore", "ignore", "inherit"],
    env: { PATH: "/usr/bin:/bin" },
  });
  const processes = createRankProcesses({
    pids: (id) => own.cgroups.pids("launch", id),
    proxyOf: async () => child.pid ?? null,
  });
  const until = (isDone: (snapshot: RankSnapshot) => boolean) =>
    waitFor({
      what: "the ranks to be as wanted",
      timeoutSeconds: 60,
      everyMs: 50,
      look: () => processes.look("one"),
      isDone,
      describe: (snapshot) => JSON.stringify(snapshot),
    });
  return { child, processes, until };
}

describe("a launch's ranks", () => {
  test("are the proxy's children with a rank; one that reads from MPI's process manager waits", async () => {
    const { until } = await proxy(`
      exec 9< <(exec sleep 300)
      PMI_RANK=0 PMI_FD=9 bash -c 'read -u $PMI_FD' &
      PMI_RANK=1 PMI_FD=9 sleep 300 &
      PMI_RANK=2 PMI_FD=99 bash -c 'sleep 300 & wait' &
      wait`);
    const { ranks, others } = await until((snapshot) => snapshot.ranks.length === 3 && snapshot.others === 2);
    expect([...ranks].sort((a, b) => a.rank - b.rank)).toEqual([
      { rank: 0, waits: true },
      { rank: 1, waits: false },
      { rank: 2, waits: false },
    ]);
    // What the third has started, and what the stand-in for the proxy has.
    expect(others).toBe(2);
  });

  test("may show gigabytes as their environment, of which no more is read than a program can start with", async () => {
    const { until } = await proxy(
      `python3 - <<'PROGRAM' & wait\n${readFileSync("test/fixtures/jobs/long-environment.py", "utf8")}\nPROGRAM`,
    );
    const { ranks } = await until((snapshot) => snapshot.ranks.length > 0);
    expect(ranks).toEqual([{ rank: 7, waits: false }]);
  });

  test("leave behind what they have started, which is ended without the proxy", async () => {
    const { child, processes, until } = await proxy(
      `PMI_RANK=0 PMI_FD=9 bash -c 'setsid sleep 300 & setsid env -i sleep 300 & sleep 0.3' & wait -n; while :; do sleep 0.1; done`,
    );
    await until(({ ranks, others }) => ranks.length === 0 && others >= 2);
    await processes.endLeftovers("one");
    await until(({ others }) => others <= 1);
    expect(child.exitCode).toBeNull();
    child.kill("SIGKILL");
    await once(child, "exit");
  });
});
