import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Runtime } from "../../../agent/contract/job-request.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { runInNode } from "../../support/journey.js";
import { jobsOnSharedCluster } from "../../support/shared-cluster/jobs.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;

let journey: SharedJourney;
let cluster: ObservedCluster;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const { submit, ended, logOf } = jobsOnSharedCluster(() => ({ journey, cluster }), {
  ...{ prefix: "runtimes", timeoutSeconds: 120, waitSeconds: 120 },
  signalMs: 3 * MINUTE_MS,
});
async function run(
  request: JobRequest,
): Promise<{ readonly job: JobItem; readonly lines: readonly string[] }> {
  const job = await ended(await submit(request));
  const log = await logOf(job);
  return { job, lines: log.split("\n").filter(Boolean).sort() };
}

const script = (content: string): JobRequest => ({
  command: ["it.py"],
  script: { name: "it.py", content },
});

const WORLD = `
from mpi4py import MPI
import os, socket
world = MPI.COMM_WORLD
total = world.allreduce(world.rank)
library = MPI.Get_library_version().split()[0]
print(world.rank, world.size, total, library, socket.gethostname(), os.getuid(), flush=True)
`;

const LIBRARIES: readonly (readonly [Runtime, string])[] = [
  ["mpich", "MPICH"],
  ["intel", "Intel(R)"],
];

describe.each(LIBRARIES)("a job with the runtime %s", (runtime, library) => {
  test("is one world over all nodes, as the job user", async () => {
    const { job, lines } = await run({ ...script(WORLD), runtime });
    expect(job).toMatchObject({ status: "FINISHED", exitCode: 0, ranks: lines.length });
    // These nodes have no EFA; MPICH does not use libfabric.
    expect(job.usage?.network).toBe(runtime === "intel" ? "tcp" : undefined);
    const hosts = new Set(lines.map((line) => line.split(" ")[4]));
    expect(hosts.size).toBe(2);
    const total = (lines.length * (lines.length - 1)) / 2;
    for (const [rank, line] of lines.entries()) {
      expect(line).toMatch(`${rank} ${lines.length} ${total} ${library} `);
      expect(line).toMatch(/ 1500$/);
    }
  });

  // MPI libraries of wheels, such as MPICH 5's, send such: Hydra of MPICH 4.2 ended with an assertion.
  test("gives each rank what the others say of themselves, at the greatest length", async () => {
    const content = await readFile(join(__dirname, "../../fixtures/jobs/pmi.py"), "utf8");
    const { job, lines } = await run({ ...script(content), runtime });
    expect(job).toMatchObject({ status: "FINISHED", exitCode: 0 });
    for (const [rank, line] of lines.entries())
      expect(line).toMatch(
        new RegExp(`^rank ${rank}: ${cluster.cores} of ${cluster.cores} values of \\d{4} characters$`),
      );
    expect(lines).toHaveLength(cluster.cores);
  });

  test("names the rank that a signal ended", async () => {
    const content = `${WORLD}\nworld.Barrier()\nif world.rank == 2: os.kill(os.getpid(), 9)\nworld.Barrier()`;
    const { job } = await run({ ...script(content), runtime });
    expect(job).toMatchObject({ status: "FAILED", reasonCode: "rank-killed", exitCode: 137 });
    expect(job.reason).toMatch(/rank 2 .*SIGKILL/);
  });

  test("names the rank that failed", async () => {
    const content = `${WORLD}\nworld.Barrier()\nif world.rank == 2: raise ValueError("boo")\nworld.Barrier()`;
    const { job } = await run({ ...script(content), runtime });
    expect(job).toMatchObject({ status: "FAILED", reasonCode: "rank-exited", exitCode: 1 });
    expect(job.reason).toMatch(/rank 2 .*ValueError: boo/);
  });
});

test("runs mpi4py.futures unchanged", async () => {
  const content = `
from mpi4py.futures import MPIPoolExecutor
if __name__ == "__main__":
  with MPIPoolExecutor() as pool:
      print("sum", sum(pool.map(abs, range(-100, 0))), flush=True)
`;
  const { job, lines } = await run({
    command: ["-m", "mpi4py.futures", "it.py"],
    script: { name: "it.py", content },
  });
  expect({ status: job.status, lines }).toEqual({ status: "FINISHED", lines: ["sum 5050"] });
});

test("a proxy of Intel MPI that is killed ends the job, and no rank is left", async () => {
  const [, second] = cluster.nodes;
  if (second === undefined) throw new Error("no second node");
  const onNode = async (...argv: [string, ...string[]]) =>
    (await runInNode(journey.place, second.id, argv)).stdout;
  await waitFor({
    what: "no proxy of the job before on the second node",
    timeoutSeconds: 30,
    look: () => onNode("pgrep", "-fc", "hydra_"),
    isDone: (text) => Number(text) === 0,
    describe: (text) => text,
  });
  const job = await submit({ ...script(`${WORLD}\nimport time; time.sleep(300)`), runtime: "intel" });
  await waitFor({
    what: "the second node's ranks to run",
    timeoutSeconds: 60,
    look: () => onNode("pgrep", "-fc", "rank.py"),
    isDone: (text) => Number(text) >= 2,
    describe: (text) => text,
  });
  await onNode("pkill", "-KILL", "-o", "hydra_");
  const { status, reasonCode, reason } = await ended(job);
  expect({ status, reasonCode, reason }).toEqual({
    ...{ status: "FAILED", reasonCode: "proxy-killed" },
    reason: expect.stringContaining(second.address),
  });
  await waitFor({
    what: "no rank on the second node",
    timeoutSeconds: 30,
    look: () => onNode("pgrep", "-fc", "rank.py"),
    isDone: (text) => Number(text) === 0,
    describe: (text) => text,
  });
});
