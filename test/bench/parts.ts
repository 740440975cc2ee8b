import type { BenchPart } from "./part.js";
import { applyPart } from "./parts/apply.js";
import { bootPart } from "./parts/boot.js";
import { commandPart } from "./parts/command.js";
import { diffPart } from "./parts/diff.js";
import { gatePart } from "./parts/gate.js";
import { idlePart } from "./parts/idle.js";
import { launchPart } from "./parts/launch.js";
import { notebookPart } from "./parts/notebook.js";
import { outputPart } from "./parts/output.js";
import { providerPart } from "./parts/provider.js";
import { queuePart } from "./parts/queue.js";
import { quickstartPart } from "./parts/quickstart.js";
import { reducePart } from "./parts/reduce.js";
import { scalePart } from "./parts/scale.js";
import { statusPart } from "./parts/status.js";
import { synthPart } from "./parts/synth.js";
import type { Sizes } from "./sizes.js";

/** In the order in which they run: a cluster stands for all the parts that want one of its size. A name may be there more than once. */
export function partsOf({ clusters }: Pick<Sizes, "clusters">): readonly BenchPart[] {
  const [first, ...more] = clusters;
  return [
    ...[providerPart, commandPart, applyPart, synthPart, outputPart, statusPart, scalePart, quickstartPart],
    ...(first === undefined ? [] : onFirst(first)),
    ...more.flatMap((nodes) => [bootPart(nodes), launchPart(nodes)]),
    gatePart,
  ];
}

const onFirst = (nodes: number): readonly BenchPart[] => [
  ...[bootPart(nodes), launchPart(nodes), queuePart(nodes), idlePart(nodes)],
  ...[reducePart(nodes), notebookPart(nodes), diffPart(nodes)],
];
