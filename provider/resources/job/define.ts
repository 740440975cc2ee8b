import { randomUUID } from "node:crypto";
import { isSameContent } from "../../../agent/contract/job-definition.js";
import type { JobDefinitionItem } from "../../../agent/contract/registry.js";
import { failure } from "../../core/diagnostic.js";
import type { JobContext } from "./context.js";
import { closedBecause } from "./decide.js";
import type { JobName } from "./diagnosis.js";
import type { Wanted } from "./state.js";

/**
 * The definition of that name as wanted: made, or taken over where it is there already and runs the same, as a create
 * that was killed leaves it. Throws where another one has the name. May run twice, and at once.
 */
export async function makeDefinition(
  { clusterUuid, name }: JobName,
  wanted: Wanted,
  { client, clock }: JobContext,
): Promise<JobDefinitionItem> {
  const cluster = await client.registry.readCluster(clusterUuid);
  const closed = closedBecause(cluster);
  if (closed !== null) {
    throw failure(
      `Cluster ${clusterUuid} takes no jobs`,
      `Org ${client.org} in ${client.region}: ${closed}. Let cluster_uuid refer to a muster_cluster of this org and region.`,
      ["cluster_uuid"],
    );
  }
  const at = clock.now().toISOString();
  const made = { id: randomUUID(), clusterUuid, name, revision: 1, ...wanted, createdAt: at, updatedAt: at };
  const before = await client.definitions.read(clusterUuid, name);
  if (before === null && (await client.definitions.create(made))) return made;
  const found = before ?? (await client.definitions.read(clusterUuid, name));
  if (found === null || !isSameContent(found, wanted)) {
    throw failure(
      `Cluster ${clusterUuid} has a job ${name} already`,
      `It is another one: it runs something else than this configuration. Give this job another name, or manage that one by importing it: terraform import ADDRESS ${clusterUuid}/${name}`,
      ["name"],
    );
  }
  return found.run === wanted.run ? found : replaceDefinition(found, { run: wanted.run }, { client, clock });
}

/** Writes what changed, unless somebody else has changed the definition meanwhile: then it throws. */
export async function replaceDefinition(
  previous: JobDefinitionItem,
  change: Partial<Wanted & Pick<JobDefinitionItem, "revision">>,
  { client, clock }: Pick<JobContext, "client" | "clock">,
): Promise<JobDefinitionItem> {
  const { clusterUuid, name } = previous;
  const next = { ...previous, ...change, updatedAt: clock.now().toISOString() };
  if (await client.definitions.replace(previous, next)) return next;
  // The answer to a first attempt may have been lost.
  const found = await client.definitions.read(clusterUuid, name);
  if (found?.updatedAt === next.updatedAt && found.revision === next.revision) return next;
  throw changedMeanwhile({ clusterUuid, name });
}

/** The definition that an update starts from. Throws where it is gone. */
export async function observeDefinition(
  { clusterUuid, name }: JobName,
  { client }: JobContext,
): Promise<JobDefinitionItem> {
  const found = await client.definitions.read(clusterUuid, name);
  if (found !== null) return found;
  throw failure(
    `Job ${name} of cluster ${clusterUuid} is gone`,
    `The registry of org ${client.org} in ${client.region} no longer has it. Plan again: it will be made anew.`,
  );
}

/** Somebody else wrote the definition between the plan and now. */
export const changedMeanwhile = ({ clusterUuid, name }: JobName) =>
  failure(
    `Job ${name} of cluster ${clusterUuid} was changed meanwhile`,
    "Somebody else has written it since it was planned. Nothing was run; plan and apply again.",
  );
