import { isUsable } from "../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import { waitFor } from "../system/wait.js";
import { BAKED, BUSY, IDLE } from "./declaration.js";
import { runPi } from "./job-steps.js";
import { prices } from "./opening-steps.js";
import { askJson, done, type Stage } from "./stage.js";
import type { Step } from "./step.js";

/** EC2 takes minutes for a node. */
const NODE_SECONDS = 900;
const LOOK_EVERY_MS = 3_000;

/** The org, its image and its clusters, before any job. */
export function deploySteps(stage: Stage): readonly Step[] {
  const { image } = stage.declaration;
  return [
    {
      ...{ name: "deploy", title: "cdktf deploy: org, image, two clusters, notebook" },
      async run(signal) {
        await done(stage, ["npx", "--no-install", "cdktf", "deploy", "*", "--auto-approve"], signal);
        return "";
      },
    },
    {
      ...{ name: "image", title: "the image is baked" },
      leftOut:
        image.kind === "bake" ? null : "the clusters boot an image that is there; --image bake bakes one",
      async run(signal) {
        const { images } = (await askJson(stage, ["image", "list", "--family", BAKED.family], signal)) as {
          readonly images: readonly { readonly version: string; readonly isWhole: boolean }[];
        };
        if (!images.some(({ version, isWhole }) => version === BAKED.version && isWhole))
          throw new Error(`muster image list has no ${BAKED.family} ${BAKED.version} that is whole`);
        return `${BAKED.family} ${BAKED.version}`;
      },
    },
    {
      ...{ name: "clusters", title: "both clusters are there" },
      async run(signal) {
        const { clusters } = (await askJson(stage, ["cluster", "list"], signal)) as {
          readonly clusters: readonly ObservedCluster[];
        };
        const names = clusters.map(({ name }) => name).sort();
        if (names.join() !== [BUSY.name, IDLE.name].join())
          throw new Error(`the org has the clusters ${names.join(", ")}`);
        return clusters.map(({ name, clusterStatus }) => `${name} ${clusterStatus}`).join(", ");
      },
    },
  ];
}

/** What happens to clusters while they are there. */
export function lifeSteps(stage: Stage): readonly Step[] {
  return [
    {
      ...{ name: "fault", title: "a node that EC2 ends is replaced" },
      run: (signal) => endNode(stage, signal),
    },
    {
      ...{ name: "idle", title: `cluster ${IDLE.name} parks without activity` },
      async run(signal) {
        const { reasonCode } = await awaitCluster(stage, signal, {
          ...{ name: IDLE.name, what: "to park" },
          isDone: ({ phase }) => phase === "parked",
        });
        if (reasonCode !== "parked-idle") throw new Error(`it is parked for another reason: ${reasonCode}`);
        return reasonCode;
      },
    },
    {
      ...{ name: "wake", title: "a job wakes it" },
      run: (signal) => runPi(stage, IDLE.name, signal),
    },
    {
      ...{ name: "usage", title: "muster usage" },
      async run(signal) {
        const { rows, minutes } = (await askJson(stage, ["usage", ...prices(stage)], signal)) as {
          readonly rows: readonly { readonly key: string }[];
          readonly minutes: number;
        };
        const missing = [BUSY.name, IDLE.name].filter(
          (name) => !rows.some(({ key }) => key.startsWith(`${name} (`)),
        );
        if (missing.length > 0) throw new Error(`usage has no row of ${missing.join(", ")}`);
        return `${minutes} node minutes`;
      },
    },
  ];
}

interface Awaited {
  readonly name: string;
  readonly what: string;
  readonly isDone: (seen: ObservedCluster) => boolean;
}

const awaitCluster = (
  stage: Stage,
  signal: AbortSignal,
  { name, what, isDone }: Awaited,
): Promise<ObservedCluster> =>
  waitFor({
    what: `cluster ${name} ${what}`,
    ...{ timeoutSeconds: NODE_SECONDS, everyMs: LOOK_EVERY_MS, signal, say: stage.say, isDone },
    look: async () =>
      (await askJson(stage, ["cluster", "show", "--cluster", name], signal)) as ObservedCluster,
    describe: ({ clusterStatus, phase, nodes }) =>
      `${clusterStatus}, ${phase}, ${nodes.map(({ state }) => state).join(" ") || "no node"}`,
  });

async function endNode(stage: Stage, signal: AbortSignal): Promise<string> {
  const before = await awaitCluster(stage, signal, {
    name: BUSY.name,
    what: "to have all nodes",
    isDone: isWhole,
  });
  const victim = before.nodes.find((node) => isUsable(node) && node.id !== before.headInstanceId);
  if (victim === undefined) throw new Error("it has no node beside its head");
  await stage.aws.terminate(victim.id);
  const known = new Set(before.nodes.map(({ id }) => id));
  const after = await awaitCluster(stage, signal, {
    ...{ name: BUSY.name, what: `to have another node for ${victim.id}` },
    // A head keeps a node that is silent in its list for a while.
    isDone: ({ nodes, ...rest }) => isWhole({ ...rest, nodes: nodes.filter(({ id }) => id !== victim.id) }),
  });
  const fresh = after.nodes.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  return `${victim.id} gone, ${fresh.join(", ")} there`;
}

const isWhole = ({ nodes }: ObservedCluster): boolean => nodes.filter(isUsable).length === BUSY.nodes;
