import { randomUUID } from "node:crypto";
import { isSameContent } from "../../../agent/contract/job-definition.js";
import type { JobDefinitionItem } from "../../../agent/contract/registry.js";
import { failure } from "../../core/diagnostic.js";
import { newOwner, type Owned, standing, takeOver } from "../ownership.js";
import type { JobDefinitionContext } from "./context.js";
import { closedBecause } from "./decide.js";
import type { DefinitionName } from "./diagnosis.js";
import { definitionResourceId, type WantedDefinition } from "./state.js";

/**
 * The definition of that name as wanted, for `owner`: made, or taken over where it runs the same and has no owner, from
 * before there were any. Throws where another one has the name. May run twice, and at once.
 */
export async function makeDefinition(
  { clusterUuid, name }: DefinitionName,
  { owner, ...wanted }: WantedDefinition & { readonly owner: string },
  { client, clock }: JobDefinitionContext,
): Promise<JobDefinitionItem> {
  const cluster = await client.registry.readCluster(clusterUuid);
  const closed = closedBecause(cluster);
  if (closed !== null) {
    throw failure(
      "job-refused",
      `Cluster ${clusterUuid} takes no jobs`,
      `Org ${client.org} in ${client.region}: ${closed}. Let cluster_uuid refer to a muster_cluster of this org and region.`,
      ["cluster_uuid"],
    );
  }
  const at = clock.now().toISOString();
  const made = itemOf({
    ...{ id: randomUUID(), owner, clusterUuid, name, revision: 1 },
    ...wanted,
    ...{ createdAt: at, updatedAt: at },
  });
  const before = await client.definitions.read(clusterUuid, name);
  if (before === null && (await client.definitions.create(made))) return made;
  const found = before ?? (await client.definitions.read(clusterUuid, name));
  // The answer to a first attempt may have been lost.
  if (found?.owner === owner) return found;
  if (found === null) throw changedMeanwhile({ clusterUuid, name });
  if (found.owner !== undefined || !isSameContent(found, wanted)) throw definitionTaken(found);
  const { run, schedule } = wanted;
  return replaceDefinition(found, { owner, run, schedule }, { client, clock });
}

/** The item, without a schedule where there is none. */
const itemOf = ({
  schedule,
  ...item
}: Omit<JobDefinitionItem, "schedule"> & Pick<WantedDefinition, "schedule">): JobDefinitionItem =>
  schedule === undefined ? item : { ...item, schedule };

/** Why a definition can't be made or changed: another resource has it. */
function definitionTaken({ clusterUuid, name, createdAt, revision, owner }: JobDefinitionItem) {
  const whose = owner === undefined ? "it has no owner yet" : `owner ${owner} (an attribute in its state)`;
  return failure(
    "job-definition-taken",
    `Cluster ${clusterUuid} has a job definition ${name} already`,
    [
      `It is another muster_job_definition's, since ${createdAt}, revision ${revision}, ${whose}. Nothing was changed. Give this one another name, or:`,
      takeOver(definitionResourceId(clusterUuid, name)),
      "A replacement of the same name is destroyed before it is made (no create_before_destroy).",
    ].join("\n"),
    ["name"],
  );
}

/** Writes the changes; throws if another writer has changed the definition meanwhile. */
export async function replaceDefinition(
  previous: JobDefinitionItem,
  change: Partial<WantedDefinition & Pick<JobDefinitionItem, "revision" | "owner">>,
  { client, clock }: Pick<JobDefinitionContext, "client" | "clock">,
): Promise<JobDefinitionItem> {
  const { clusterUuid, name } = previous;
  const next = itemOf({ ...previous, ...change, updatedAt: clock.now().toISOString() });
  if (await client.definitions.replace(previous, next)) return next;
  // The answer to a first attempt may have been lost.
  const found = await client.definitions.read(clusterUuid, name);
  if (found?.updatedAt === next.updatedAt && found.revision === next.revision) return next;
  throw changedMeanwhile({ clusterUuid, name });
}

/** The definition that an update starts from, ours from now on. Throws if it is gone, or belongs to another resource. */
export async function takeDefinition(
  { clusterUuid, name }: DefinitionName,
  { owner }: Owned,
  context: JobDefinitionContext,
): Promise<JobDefinitionItem> {
  const { client, privateState } = context;
  const found = await client.definitions.read(clusterUuid, name);
  if (found !== null) {
    const whose = standing(found.owner, { owner }, privateState);
    if (whose === "foreign") throw definitionTaken(found);
    return whose === "own" ? found : replaceDefinition(found, { owner: owner ?? newOwner() }, context);
  }
  throw failure(
    "job-definition-gone",
    `Job definition ${name} of cluster ${clusterUuid} is gone`,
    `The registry of org ${client.org} in ${client.region} no longer has it. Plan again: it will be made anew.`,
  );
}

/** Another writer changed the definition between the plan and now. */
export const changedMeanwhile = ({ clusterUuid, name }: DefinitionName) =>
  failure(
    "job-definition-changed",
    `Job definition ${name} of cluster ${clusterUuid} was changed since it was planned`,
    "Something else has written it in between. No job was submitted; plan and apply again.",
  );
