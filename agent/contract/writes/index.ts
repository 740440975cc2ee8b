import { attemptWrites } from "./attempt.js";
import { clusterWrites } from "./cluster.js";
import { eventWrites } from "./event.js";
import { jobWrites } from "./job.js";
import { definitionWrites } from "./job-definition.js";
import { leaseWrites } from "./lease.js";
import { nameWrites } from "./name.js";
import { nodeWrites } from "./node.js";
import { notebookWrites } from "./notebook.js";
import { scheduleWrites } from "./schedule.js";
import { usageWrites } from "./usage.js";

/**
 * The one table of legal writes: nothing else changes the registry. By the kind of item, then by the write's name. Agent,
 * provider and commands perform these values, each by an SDK of its own.
 */
export const LEGAL_WRITES = {
  cluster: clusterWrites,
  lease: leaseWrites,
  node: nodeWrites,
  job: jobWrites,
  attempt: attemptWrites,
  definition: definitionWrites,
  schedule: scheduleWrites,
  name: nameWrites,
  event: eventWrites,
  usage: usageWrites,
  notebook: notebookWrites,
} as const;
