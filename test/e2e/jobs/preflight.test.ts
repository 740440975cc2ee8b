import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobRequest } from "../../../agent/contract/registry.js";
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

const { access, submit, ended, logOf } = jobsOnSharedCluster(() => ({ journey, cluster }), {
  ...{ prefix: "preflight", timeoutSeconds: 120, waitSeconds: 150 },
  signalMs: 3 * MINUTE_MS,
});
/** Submits a job and waits for its end; gives it with its log and its attempts. */
async function run(code: string, request: Partial<JobRequest> = {}) {
  const job = await ended(await submit({ command: ["-c", code], ...request }));
  const log = job.logState === "none" ? "" : await logOf(job);
  const attempts: readonly AttemptItem[] = await access().jobs.attempts(cluster.uuid, job.id);
  return { job, lines: log.split("\n").filter(Boolean), attempts };
}

const HELLO =
  "from mpi4py import MPI; import socket; print(MPI.COMM_WORLD.rank, socket.gethostname(), flush=True)";

describe("where and how a job's processes run", () => {
  test("as many on each node as asked, and what they used is known of both", async () => {
    const { job, lines, attempts } = await run(HELLO, { processesPerNode: 1 });
    expect(job).toMatchObject({ status: "FINISHED", ranks: 2, leftOut: [], failedNode: null });
    expect(lines.sort()).toEqual(cluster.nodes.map(({ hostname }, rank) => `${rank} ${hostname}`));
    expect(job.usage).toMatchObject({ nodes: 2, silentNodes: 0 });
    expect(job.usage?.cpuSeconds).toBeGreaterThan(0);
    expect(attempts[0]?.usageByNode?.map(({ address }) => address).sort()).toEqual(
      cluster.nodes.map(({ address }) => address).sort(),
    );
  });

  test("one without MPI, on the head, as the job user, with its own exit code", async () => {
    const code =
      "import os, socket, sys; print(os.getuid(), socket.gethostname(), os.getcwd(), 'PMI_RANK' in os.environ); sys.exit(3)";
    const { job, lines } = await run(code, { mpi: false });
    expect(job).toMatchObject({ status: "FAILED", exitCode: 3, reasonCode: "program-exited", ranks: 1 });
    const head = cluster.nodes.find(({ address }) => address === job.launchedOn?.address);
    expect(lines).toEqual([`1500 ${head?.hostname} /shared/.muster/jobs/${job.id} False`]);
    expect(job.usage?.cpuSeconds).toBeGreaterThan(0);
  });

  test("the others to their end where one is killed, if the job asks for that", async () => {
    const code = [
      "from mpi4py import MPI; import os, time; rank = MPI.COMM_WORLD.rank",
      "if rank == 1: os.kill(os.getpid(), 9)",
      "time.sleep(3); print('done', rank, flush=True)",
    ].join("\n");
    const { job, lines } = await run(code, { onRankFailure: "continue" });
    expect(lines.filter((line) => line.startsWith("done")).sort()).toEqual(["done 0", "done 2", "done 3"]);
    const address = cluster.nodes[0]?.address;
    expect(job).toMatchObject({
      ...{ status: "FAILED", reasonCode: "rank-killed", exitCode: 137 },
      reason: `rank 1 on ${address} was ended by SIGKILL`,
      failedNode: { address, instanceId: cluster.nodes[0]?.id },
    });
  });
});

describe("a node whose packages differ", () => {
  const PACKAGES = "/usr/lib/muster/packages";
  async function otherThan(head: string | undefined) {
    const node = cluster.nodes.find(({ address }) => address !== head);
    if (node === undefined) throw new Error("no other node");
    const bash = (script: string) => runInNode(journey.place, node.id, ["bash", "-c", script]);
    return {
      node,
      spoil: () => bash(`cp ${PACKAGES} /run/packages && echo strange=1 >>${PACKAGES}`),
      mend: () => bash(`cp /run/packages ${PACKAGES}`),
    };
  }
  const hostfileNodes = (wanted: number) =>
    waitFor({
      what: `${wanted} nodes in the hostfile`,
      timeoutSeconds: 90,
      look: async () => (await access().clusters.read(cluster.uuid))?.hostfileNodes,
      isDone: (nodes) => nodes === wanted,
      describe: String,
    });

  test("fails the job by name, is kept from the next one, and comes back once it is in order", async () => {
    const head = (await run("pass", { mpi: false })).job.launchedOn?.address;
    const { node, spoil, mend } = await otherThan(head);
    try {
      await spoil();
      const { job } = await run(HELLO);
      expect(job).toMatchObject({
        ...{ status: "FAILED", reasonCode: "node-image-differs", attempt: 1, logState: "none" },
        failedNode: { address: node.address, instanceId: node.id },
      });
      expect(job.reason).toMatch(
        new RegExp(
          `^preflight: 1 of 2 nodes can't run the job: ${node.address} \\(${node.id}\\) has the image sha256:`,
        ),
      );
      expect((await run(HELLO)).job).toMatchObject({ status: "FINISHED", ranks: 2, leftOut: [] });
      await mend();
      await hostfileNodes(2);
      await spoil();
      const without = await run(HELLO, { onBadNode: "continue" });
      expect(without.job).toMatchObject({
        ...{ status: "FINISHED", ranks: 2 },
        leftOut: [{ address: node.address, instanceId: node.id, reasonCode: "node-image-differs" }],
      });
      expect(without.lines).toHaveLength(2);
      await hostfileNodes(1);
    } finally {
      await mend();
    }
    await hostfileNodes(2);
  });
});
