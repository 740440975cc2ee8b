import type { AddressInfo } from "node:net";
import { buildApp } from "../../../agent/http/app.js";
import { appDeps } from "../../support/agent/app-deps.js";
import { CLUSTER_UUID, nodeSummary } from "../../support/agent/cluster-item.js";
import { queuedJob } from "../../support/agent/jobs.js";
import { statusOver } from "../../support/agent/status.js";

// The agent's HTTP API of a head that has so many nodes in memory, one job, and a registry that answers at once.

const [, , nodes = "4"] = process.argv;

async function main(): Promise<void> {
  const summaries = Array.from({ length: Number(nodes) }, (_, n) =>
    nodeSummary(`i-${String(n).padStart(17, "0")}`, { address: `10.0.${n >> 8}.${n & 255}` }),
  );
  const { read } = statusOver({ nodes: summaries });
  const deps = appDeps({ status: { clusterUuid: CLUSTER_UUID, read } });
  deps.jobsInTable.set("job-1", { ...queuedJob(), id: "job-1" });
  const app = await buildApp(deps);
  await app.listen({ host: "127.0.0.1", port: 0 });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ port: (app.server.address() as AddressInfo).port });
}

void main();
