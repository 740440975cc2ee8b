import type { Command } from "commander";
import { findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import type { JobSummary } from "../core/ports.js";
import { noSuchDefinition } from "../jobs/submit.js";
import { renderDefinition, renderDefinitions } from "../render/definition.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

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
      const [jobs, schedules] = await Promise.all([
        access.jobs.list(cluster.uuid),
        access.jobs.schedules(cluster.uuid),
      ]);
      const lastJob = lastOf(jobs, name);
      const progress = schedules.find(({ definitionId }) => definitionId === definition.id) ?? null;
      await out.print(renderDefinition({ definition, lastJob }, progress, world.now()));
      await out.document({ ...definition, lastJob, progress });
      return EXIT.done;
    }
    const [definitions, jobs] = await Promise.all([
      access.jobs.definitions(cluster.uuid),
      access.jobs.list(cluster.uuid),
    ]);
    if (definitions.length === 0) out.say(`Cluster ${cluster.name} has no job definition.`);
    const all = definitions.map((definition) => ({ definition, lastJob: lastOf(jobs, definition.name) }));
    await out.print(renderDefinitions(all, world.now()));
    await out.document({
      definitions: all.map(({ definition, lastJob }) => ({ ...definition, lastJob })),
    });
    return EXIT.done;
  });
}

/** The last one submitted of the definition. `jobs`: the newest first. */
const lastOf = (jobs: readonly JobSummary[], name: string): JobSummary | null =>
  jobs.find(({ definition }) => definition?.name === name) ?? null;
