import { describe, expect, test } from "@jest/globals";
import { beginPark, continuePark, wakeForJob } from "../../../../agent/contract/park.js";
import { because } from "../../../../agent/contract/reasons.js";
import { clusterControl } from "../../../../provider/client/control.js";
import type { MusterClient, ScalingGroup } from "../../../../provider/client/ports.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { parkWorld } from "../../../support/agent/park-world.js";

/** A parked cluster, as the provider's ports show it. */
async function parked(group: ScalingGroup | null) {
  const world = parkWorld();
  const own = world.control();
  await beginPark(own, world.cluster(), because("parked-idle", "nothing was active"), world.now);
  await continuePark(own, world.now);
  const sizes: number[] = [];
  const client = {
    registry: {
      readCluster: async () => world.cluster(),
      updateCluster: async (write: Parameters<typeof world.table.perform>[0]) =>
        world.table.perform(write) ? world.cluster() : null,
    },
    groups: {
      describe: async () => group,
      resize: async (_group: ScalingGroup, desired: number) => void sizes.push(desired),
    },
  } as unknown as MusterClient;
  return { world, sizes, control: clusterControl(client, CLUSTER_UUID) };
}

describe("an apply that submits a job to a parked cluster", () => {
  test("resumes it: first the registry, then the group", async () => {
    const group = { name: "nodes", minSize: 0, desired: 0, instances: [] };
    const { world, sizes, control } = await parked(group);
    expect(await wakeForJob(control, { ...queuedJob("j"), id: "j-1" }, world.now)).toBeNull();
    expect(world.cluster()).toMatchObject({ clusterStatus: "INPROGRESS", resume: { by: "job j-1" } });
    expect(sizes).toEqual([2]);
  });

  test("leaves a group that is gone to its fleet", async () => {
    const { world, sizes, control } = await parked(null);
    await wakeForJob(control, { ...queuedJob("j"), id: "j-1" }, world.now);
    expect(sizes).toEqual([]);
  });
});
