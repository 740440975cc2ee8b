import { newJob } from "../../../agent/contract/job.js";
import type { JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { jobWrites } from "../../../agent/contract/writes/job.js";
import { renderPut } from "../../../agent/contract/writes/render.js";
import type { Hostfile, JobSettings } from "../../../agent/jobs/launch-plan.js";
import type { NodeFacts, NodeKit } from "../../../agent/jobs/node-facts.js";
import { runtimesFor } from "../../../agent/jobs/runtimes.js";
import { CLUSTER_UUID } from "./cluster-item.js";

/** A queued job of the tests' cluster. */
export function queuedJob(
  key = "k",
  request: Partial<JobRequest> = {},
  submittedAt = "2026-01-01T00:00:00Z",
): JobItem {
  return newJob(CLUSTER_UUID, key, { command: ["pi.py"], ...request }, new Date(submittedAt));
}

/** Two nodes with two cores each. */
export const HOSTFILE: Hostfile = {
  path: `/shared/.hostfile-${CLUSTER_UUID}`,
  nodes: [
    { address: "10.0.0.1", cores: 2 },
    { address: "10.0.0.2", cores: 2 },
  ],
};

/** As in the image. */
export const SETTINGS: JobSettings = {
  user: { name: "muster", home: "/home/muster" },
  runtimes: runtimesFor("x64", false),
  runtime: "mpich",
  python: "python",
  launcher: "/usr/lib/muster/launch",
  launchSocket: "/run/muster/job-launch.sock",
  address: "10.0.0.1",
};

/** A job as the table stores it when it is submitted: with its keys, and in the queue. */
export const jobRecord = (job: JobItem): Record<string, unknown> => renderPut(jobWrites.submit(job)).Item;

/** What all nodes have. */
export const KIT: NodeKit = { image: "sha256:aa", runtime: "MPICH 5.0.2" };
/** What stands for the preflight's random numbers: name and content of its file. */
export const NONCE = "0123456789abcdef0123456789abcdef";

/** What a node answers a preflight that is as the others, but for `odd`. */
export const goodFacts = (address: string, odd: Partial<NodeFacts> = {}): NodeFacts => ({
  ...{ ...KIT, instanceId: `i-${address.split(".").at(-1)}`, agentVersion: "1.2.3", cores: 2 },
  ...{ shared: { token: NONCE, problem: null }, cgroup: null, ...odd },
});
