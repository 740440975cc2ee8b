import { revisionJobId } from "../../../agent/contract/job-definition.js";
import type { JobDefinitionItem } from "../../../agent/contract/registry.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import { type DiagnosticError, failure } from "../../core/diagnostic.js";
import type { JobDefinitionContext } from "./context.js";
import type { DefinitionState } from "./state.js";

/** Another writer may come in between so often. */
const ROUNDS = 3;

/** Whether the cluster is made for the definition's job. */
type Dedication = Pick<DefinitionState, "dedicated">;
type Deps = Pick<JobDefinitionContext, "client">;

/**
 * META says for which job the cluster is made, before that job is submitted: its id follows from the definition. Where the plan
 * no longer has it, META says so no longer. May run twice. Throws where the cluster is made for another definition's job.
 */
export async function applyDedication(
  plan: Dedication,
  prior: Dedication | null,
  definition: JobDefinitionItem,
  { client }: Deps,
): Promise<void> {
  if (plan.dedicated === true) await dedicate(definition, { client });
  else if (prior?.dedicated === true) await undedicate(definition, { client });
}

async function dedicate(definition: JobDefinitionItem, { client }: Deps): Promise<void> {
  const { clusterUuid } = definition;
  const jobId = revisionJobId(definition);
  let other: string | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const seen = (await client.registry.readCluster(clusterUuid))?.dedicatedTo;
    if (seen === jobId) return;
    other = seen;
    if (seen !== undefined && !(await isOfDefinition(seen, definition, { client }))) break;
    const write = clusterWrites.dedicate(clusterUuid, jobId, seen);
    if ((await client.registry.updateCluster(write)) !== null) return;
  }
  throw dedicatedElsewhere(definition, other);
}

/** The cluster is kept when the definition's job has ended. Nothing where it is parked, or made for another's. */
export async function undedicate(definition: JobDefinitionItem, { client }: Deps): Promise<void> {
  const { clusterUuid } = definition;
  const seen = (await client.registry.readCluster(clusterUuid))?.dedicatedTo;
  if (seen !== undefined && (await isOfDefinition(seen, definition, { client })))
    await client.registry.updateCluster(clusterWrites.undedicate(clusterUuid, seen));
}

/** Whether a job is one of the definition, or of an earlier one of its name. One that was never submitted is no other's. */
async function isOfDefinition(
  jobId: string,
  definition: JobDefinitionItem,
  { client }: Deps,
): Promise<boolean> {
  if (jobId === revisionJobId(definition)) return true;
  const job = await client.jobs.read(definition.clusterUuid, jobId);
  return job === null || job.definition?.name === definition.name;
}

const dedicatedElsewhere = (
  { name, clusterUuid }: JobDefinitionItem,
  jobId: string | undefined,
): DiagnosticError =>
  failure(
    "cluster-dedicated",
    `Cluster ${clusterUuid} can't be made for the job of definition ${name}`,
    `${jobId === undefined ? "It is being removed, or was changed at the same time" : `It is made for job ${jobId}, which is of another definition`}. No job was submitted. A cluster is made for one job: give this one a cluster of its own, or take dedicated from one of the two definitions.`,
    ["dedicated"],
  );
