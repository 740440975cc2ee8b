import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BootProblem, consoleLines } from "./hosts/boot-problem.js";
import type { CloudPlaces } from "./hosts/cloud.js";
import { nodePlaces } from "./hosts/system/node.js";

// The nodes that do not boot: the daemon writes them, others read them.

const SHOWN_LINES = 20;
const pathOf = (cloud: CloudPlaces): string => join(cloud.folder, "boot-problems.json");

/** Replaces the known problems. Only for the daemon. */
export function writeBootProblems(cloud: CloudPlaces, problems: readonly BootProblem[]): void {
  writeFileSync(`${pathOf(cloud)}.new`, JSON.stringify(problems));
  renameSync(`${pathOf(cloud)}.new`, pathOf(cloud));
}

/** The nodes of the cloud that do not boot, as its daemon saw them some seconds ago. */
export const readBootProblems = (cloud: CloudPlaces): BootProblem[] =>
  existsSync(pathOf(cloud)) ? (JSON.parse(readFileSync(pathOf(cloud), "utf8")) as BootProblem[]) : [];

/** Problems for a person: which node, why, how to see its console. For the first, also the end of the console: others usually have the same cause. */
export const renderBootProblems = (cloud: CloudPlaces, problems: readonly BootProblem[]): string[] =>
  problems.flatMap(({ instanceId, problem }, index) => {
    const lines = index > 0 ? [] : consoleEnd(cloud, instanceId);
    return [
      `node ${instanceId} can't boot: ${problem}`,
      ...lines.map((line) => `  | ${line}`),
      `  its whole console: ./scripts/local/cloud console --name ${cloud.name} ${instanceId}`,
    ];
  });

function consoleEnd(cloud: CloudPlaces, instanceId: string): string[] {
  const { consoleLog } = nodePlaces(cloud, instanceId);
  if (!existsSync(consoleLog)) return [];
  const lines = consoleLines(readFileSync(consoleLog, "utf8"));
  return lines.filter((line) => line !== "").slice(-SHOWN_LINES);
}
