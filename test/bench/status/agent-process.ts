import type { AddressInfo } from "node:net";
import { buildApp } from "../../../agent/http/app.js";
import { appDeps } from "../../support/agent/app-deps.js";
import { CLUSTER_UUID, nodeSummary } from "../../support/agent/cluster-item.js";
import { queuedJob } from "../../support/agent/jobs.js";
import { statusOver } from "../../support/agent/status.js";

// The agent's HTTP API of a head that has so many nodes in memory, one job, and a registry that answers at once. Each
// message is answered with how often the job was read there.

const [, , nodes = "4"] = process.argv;

async function main(): Promise<void> {
  const summaries = Array.from({ length: Number(nodes) }, (_, n) =>
    nodeSummary(`i-${String(n).padStart(17, "0")}`, { address: `10.0.${n >> 8}.${n & 255}` }),
  );
  const { read } = statusOver({ nodes: summaries });
  const deps = appDeps({ status: { clusterUuid: CLUSTER_UUID, read } });
  deps.jobsInTable.set("job-1", { ...queuedJob(), id: "job-1" });
  const { jobs } = deps;
  let reads = 0;
  const readJob = (jobId: string) => {
    reads += 1;
    return jobs.readJob(jobId);
  };
  const app = await buildApp({ ...deps, jobs: { ...jobs, readJob } });
  process.on("message", () => process.send?.({ reads }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ port: (app.server.address() as AddressInfo).port });
}

void main();
