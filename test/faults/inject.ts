import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { isUsable } from "../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import type { NodeSummary } from "../../agent/contract/registry.js";
import { cloudPlaces } from "../../scripts/local/hosts/cloud.js";
import { NODE_FAULTS } from "../../scripts/local/hosts/faults.js";
import { announce } from "../../scripts/local/lan/notices.js";
import { runInNode } from "../support/run-in-node.js";
import type { FaultCloud } from "./cloud.js";
import type { Injector, Part } from "./fault.js";
import { createGatewayFaults } from "./gateway.js";
import { replaceWithDead } from "./never-boots.js";
import { isOn } from "./whole.js";

const OUTAGE = { code: "InternalError", status: 500 };
const REGISTRY_OUTAGES = {
  down: { code: "InternalServerError", status: 500 },
  throttled: { code: "ThrottlingException", status: 400 },
} as const;
const FILL = "fill";
const BLOCK = Buffer.alloc(1_048_576, 1);

/** Acts on the cluster as it is now: who is its head, and who is not. */
export function createInjector(cloud: FaultCloud, cluster: ObservedCluster): Injector {
  const places = cloudPlaces(cloud.name);
  const parts: Readonly<Record<Part, NodeSummary>> = {
    head: nodeOf(cluster, ({ id }) => id === cluster.headInstanceId),
    // The last one in the hostfile, where no rank 0 is.
    worker: nodeOf(cluster, ({ id }) => id !== cluster.headInstanceId),
  };
  const gateway = createGatewayFaults();
  const idOf = (part: Part) => parts[part].id;
  return {
    node: (part) => parts[part],
    strike: (part, fault) => NODE_FAULTS[fault](places, idOf(part)),
    async replace(part) {
      const ec2 = new EC2Client({ region: cloud.region });
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [idOf(part)] }));
    },
    replaceWithDead: (part) => replaceWithDead(cloud, cluster, idOf(part)),
    run: (part, argv) => runInNode({ cloudName: cloud.name }, idOf(part), argv),
    async runOnAll(argv) {
      // One that an earlier fault has taken may still be listed.
      const nodes = cluster.nodes.filter((node) => isOn(cloud, node));
      await Promise.all(nodes.map(({ id }) => runInNode({ cloudName: cloud.name }, id, argv)));
    },
    announce: (part, notices) => announce(places.notices, parts[part].address, notices),
    breakRegistry: (how) => gateway.set("dynamodb", how === null ? null : REGISTRY_OUTAGES[how]),
    breakS3: (isBroken) => gateway.set("s3", isBroken ? OUTAGE : null),
    async fillFiles(isFull) {
      const path = join(cloud.files, FILL);
      if (isFull) fillUp(path);
      else rmSync(path, { force: true });
      if (existsSync(path) !== isFull) throw new Error(`${path} could not be ${isFull ? "made" : "removed"}`);
    },
  };
}

function nodeOf({ nodes }: ObservedCluster, isIt: (node: NodeSummary) => boolean): NodeSummary {
  const ready = nodes.filter(isUsable);
  const node = ready.findLast(isIt);
  if (node === undefined) throw new Error("the cluster has no such node");
  return node;
}

/** Writes until no room is left. */
function fillUp(path: string): void {
  try {
    for (;;) writeFileSync(path, BLOCK, { flag: "a" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
