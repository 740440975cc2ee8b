import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { setUp } from "../setup/set-up.js";
import { runToEnd } from "../system/command-line.js";
import { renderBootProblems } from "./boot-problems.js";
import { cloudDown } from "./down.js";
import { cloudPlaces } from "./hosts/cloud.js";
import { inNode } from "./hosts/exec.js";
import { NODE_FAULTS, type NodeFault } from "./hosts/faults.js";
import { type CloudOptions, cloudCommand, type UpCommandOptions } from "./options.js";
import { type CloudState, cloudEnvironment, readRunning } from "./state.js";
import { cloudStatus, findNode, type LocalNode } from "./status.js";
import { cloudUp } from "./up.js";

// The command line of the local cloud, started by scripts/local/cloud. News goes to stderr, results to stdout.

const projectRoot = resolve(import.meta.dirname, "../..");
const say = (line: string): void => console.error(line);

async function up({ name, region, nodes, json }: UpCommandOptions): Promise<number> {
  await setUp({ projectRoot, say });
  const cloud = await cloudUp({ name, region, nodes, projectRoot, say });
  if (cloud.alreadyRan) say(`local cloud "${name}": runs already, since ${cloud.startedAt}`);
  const variables = Object.entries(cloudEnvironment(cloud)).map(([key, value]) => `export ${key}=${value}`);
  console.log(json ? JSON.stringify(cloud) : variables.join("\n"));
  return 0;
}

async function down({ name, json }: CloudOptions): Promise<number> {
  const result = await cloudDown(name);
  say(`local cloud "${name}": ${result.wasRunning ? "down" : "did not run"}`);
  for (const left of result.leftovers) say(`left behind: ${left}`);
  if (json) console.log(JSON.stringify(result));
  return result.leftovers.length === 0 ? 0 : 1;
}

async function status({ name, json }: CloudOptions): Promise<number> {
  const cloud = await cloudStatus(name);
  if (json) {
    console.log(JSON.stringify(cloud));
  } else if (cloud.running === null) {
    console.log(`local cloud "${name}": down`);
    for (const left of cloud.leftovers) console.log(`  left from before: ${left}`);
  } else {
    const { endpointUrl, pid, region } = cloud.running;
    console.log(
      `local cloud "${name}": up for ${cloud.uptimeSeconds} s at ${endpointUrl} (${region}, process ${pid})`,
    );
    for (const node of cloud.nodes) console.log(`  ${renderNodeLine(node)}`);
    for (const line of renderBootProblems(cloudPlaces(name), cloud.bootProblems)) console.log(`  ${line}`);
  }
  return 0;
}

async function nodes({ name, json }: CloudOptions): Promise<number> {
  const found = (await cloudStatus(requireRunning(name).name)).nodes;
  console.log(json ? JSON.stringify(found) : found.map(renderNodeLine).join("\n"));
  return 0;
}

const renderNodeLine = ({ instanceId, address, hostname, type, state, power }: LocalNode): string =>
  `${instanceId}  ${address.padEnd(15)}  ${hostname}  ${type}  ${state}, power ${power ?? "not on yet"}`;

async function exec({ name }: CloudOptions, node: string, argv: readonly string[]): Promise<number> {
  const { instanceId } = await findNode(requireRunning(name), node);
  const [first = "", ...rest] = argv;
  const command = inNode(cloudPlaces(name), instanceId, [first, ...rest]);
  const [program, ...args] = command.argv;
  return spawnSync(program, args, { env: command.env, stdio: "inherit" }).status ?? 1;
}

async function showConsole({ name }: CloudOptions, node: string): Promise<number> {
  const { instanceId } = await findNode(requireRunning(name), node);
  const log = createReadStream(join(cloudPlaces(name).nodes, instanceId, "console.log"));
  await pipeline(log, process.stdout, { end: false });
  return 0;
}

async function strike(fault: NodeFault, { name }: CloudOptions, node: string): Promise<number> {
  const { instanceId } = await findNode(requireRunning(name), node);
  await NODE_FAULTS[fault](cloudPlaces(name), instanceId);
  say(`${fault}: ${instanceId}`);
  return 0;
}

function requireRunning(name: string): CloudState {
  const state = readRunning(name);
  if (state === null)
    throw new Error(`No local cloud "${name}" runs. Start it: ./scripts/local/cloud up --name ${name}`);
  return state;
}

runToEnd(cloudCommand({ up, down, status, nodes, exec, console: showConsole, strike }));
