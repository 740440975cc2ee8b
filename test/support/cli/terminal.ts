import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import websocket from "@fastify/websocket";
import { fastify } from "fastify";
import { type AttemptItem, attemptOf } from "../../../agent/contract/job-attempt.js";
import { notebookSubmitter } from "../../../agent/contract/notebook.js";
import type { JobItem, NodeSummary } from "../../../agent/contract/registry.js";
import { AgentError } from "../../../agent/errors.js";
import { addJobRoutes } from "../../../agent/http/job-routes.js";
import { takeJsonOnly } from "../../../agent/http/json-body.js";
import { addLogRoutes } from "../../../agent/http/log-routes.js";
import { addNotebookClusterRoute } from "../../../agent/http/notebook-cluster-route.js";
import { replyErrors } from "../../../agent/http/reply-errors.js";
import { boundedValidator } from "../../../agent/schemas/compilers.js";
import { appDeps } from "../agent/app-deps.js";
import { CLUSTER_UUID, clusterItem } from "../agent/cluster-item.js";
import type { MemoryItems } from "../memory-table.js";

/** As if the job had had one. */
function attemptsOf(job: JobItem | undefined): readonly AttemptItem[] {
  const attempt = job === undefined ? null : attemptOf(job);
  return attempt === null ? [] : [attempt];
}

/** The agent's routes at a notebook's socket, over jobs in memory. */
export interface PlayedTerminal {
  readonly socketPath: string;
  readonly jobs: MemoryItems<JobItem>;
  /** The output of each job's attempt, by "JOB/ATTEMPT". */
  readonly outputs: Map<string, Buffer>;
  cluster: ReturnType<typeof clusterItem> | null;
  nodes: readonly NodeSummary[];
  close(): Promise<void>;
}

export async function playTerminal(): Promise<PlayedTerminal> {
  const deps = appDeps();
  const folder = await mkdtemp(join(tmpdir(), "muster-terminal-"));
  const outputs = new Map<string, Buffer>();
  const ready = clusterItem({ clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2, cores: 4 });
  const played = { cluster: ready as PlayedTerminal["cluster"], nodes: [] as readonly NodeSummary[] };
  const app = fastify({ forceCloseConnections: true });
  app.setValidatorCompiler(boundedValidator);
  await app.register(websocket);
  app.decorateRequest("role", null);
  replyErrors(app);
  takeJsonOnly(app);
  addJobRoutes(app, {
    ...deps.jobs,
    readCluster: async () => played.cluster,
    view: { ...deps.jobs.view, attempts: async (jobId) => attemptsOf(deps.jobsInTable.get(jobId)) },
  });
  addLogRoutes(app, {
    ...deps.logs,
    views: {
      async find(jobId, attempt) {
        const number = attempt ?? deps.jobsInTable.get(jobId)?.attempt ?? null;
        if (number === null) throw new AgentError("attempt-not-found", jobId);
        return { jobId, attempt: number };
      },
      look: async ({ jobId }) => deps.jobsInTable.get(jobId) ?? null,
      async read({ jobId, attempt }, offset, maxBytes) {
        const all = outputs.get(`${jobId}/${attempt}`);
        return all === undefined
          ? null
          : { bytes: all.subarray(offset, offset + maxBytes), total: all.length };
      },
      growth: deps.logs.views.growth,
    },
  });
  addNotebookClusterRoute(app, {
    ...{ submitter: notebookSubmitter("explore"), clusterUuid: CLUSTER_UUID },
    readCluster: async () => played.cluster,
    status: { read: async () => Buffer.from(JSON.stringify({ nodes: played.nodes })) },
  });
  const socketPath = join(folder, "agent.sock");
  await app.listen({ path: socketPath });
  return Object.assign(played, {
    ...{ socketPath, outputs, jobs: deps.jobsInTable },
    async close() {
      await app.close();
      await rm(folder, { recursive: true, force: true });
    },
  });
}
