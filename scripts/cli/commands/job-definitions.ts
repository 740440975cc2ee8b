import type { Command } from "commander";
import { pMapIterable } from "p-map";
import { findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import type { DefinitionSummary, JobSummary } from "../core/ports.js";
import { findLastJobs, lastJobOf } from "../jobs/last-job.js";
import { noSuchDefinition } from "../jobs/submit.js";
import { DEFINITION_HEADINGS, definitionRow, renderDefinition } from "../render/definition.js";
import { clusterCommand, onCluster, type Session } from "./context.js";
import { showList, tableView } from "./show-list.js";

const READS_AT_ONCE = { concurrency: 8 } as const;

type ListedDefinition = DefinitionSummary & { readonly lastJob: JobSummary | null };

/** `muster job definitions` */
export function addJobDefinitions(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "definitions", {
    summary: "lists a cluster's job definitions with their last jobs, or shows one in full",
    more: "muster.yaml and Terraform declare them; `muster job run --definition NAME` runs one.",
    example: "muster job definitions --cluster alpha",
  }).argument("[name]", "only this definition, with all that it says");
  onCluster(command, session, async ({ access, out, place, world }, _options, name) => {
    const cluster = await findCluster(access, place);
    if (name !== undefined) {
      const definition = await access.jobs.definition(cluster.uuid, name);
      if (definition === null) throw noSuchDefinition(cluster, name);
      const [lastJob, schedules] = await Promise.all([
        lastJobOf(access.jobs.each(cluster.uuid), name),
        access.jobs.schedules(cluster.uuid),
      ]);
      const progress = schedules.find(({ definitionId }) => definitionId === definition.id) ?? null;
      await out.print(renderDefinition({ definition, lastJob }, progress, world.now()));
      await out.document({ ...definition, lastJob, progress });
      return EXIT.done;
    }
    const now = world.now();
    const lastJobs = await findLastJobs(access.jobs.each(cluster.uuid));
    const definitions = pMapIterable(
      access.jobs.definitions(cluster.uuid),
      async (definition) => {
        const last = lastJobs.get(definition.name);
        return {
          ...definition,
          lastJob: last === undefined ? null : await access.jobs.summary(cluster.uuid, last.id),
        };
      },
      READS_AT_ONCE,
    );
    const view = tableView("definitions", DEFINITION_HEADINGS, (definition: ListedDefinition) => [
      definitionRow({ definition, lastJob: definition.lastJob }, now),
    ]);
    const count = await showList(out, definitions, view);
    if (count === 0) out.say(`Cluster ${cluster.name} has no job definition.`);
    return EXIT.done;
  });
}
