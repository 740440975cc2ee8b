import { createWriteStream, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { EC2Client } from "@aws-sdk/client-ec2";
import { EFSClient } from "@aws-sdk/client-efs";
import { writeAgentLayer } from "../../agent/image/agent-layer.js";
import { RECIPE_FOLDER } from "../../agent/image/ingredients.js";
import { systemClock } from "../../agent/time/clock.js";
import { createNap } from "../../agent/time/nap.js";
import { describeImage } from "../image/definition.js";
import { readHostSettings } from "../image/host-settings.js";
import { buildPlainRoot } from "../image/plain.js";
import { runCommand } from "../system/command.js";
import { BASE_IMAGE_ID, imageIdOf, renderImages } from "./emulator/images.js";
import { type RunningEmulator, startEmulator } from "./emulator/start.js";
import { renderRequest } from "./gateway/request-log.js";
import { type RunningGateway, startGateway } from "./gateway/server.js";
import { createObserver } from "./hosts/aws/observe.js";
import { endInstances } from "./hosts/aws/power-off.js";
import { type CloudPlaces, cloudPlaces } from "./hosts/cloud.js";
import { createHosts, type Hosts, type Sizes } from "./hosts/hosts.js";
import { createHostImages, type HostImages } from "./hosts/system/images.js";
import { writePlainLayer } from "./hosts/system/plain-layer.js";
import { createProxy } from "./lan/proxy.js";
import { type RunningLan, startLan } from "./lan/start.js";
import { identifyProcess } from "./process-identity.js";
import { createReconciler } from "./reconcile.js";
import { writeState } from "./state.js";

// One cloud's daemon: emulator, gateway, LAN services, and the loop that keeps a node for each running instance. `up`
// starts it in the cloud's cgroup, `down` ends it and sweeps. When a part of it dies, it says so and exits.

/** The interval when no call changes anything: the emulator changes things by itself. */
const RECONCILE_EVERY_MS = 2000;
const CHANGES_NODES = /^(ec2|autoscaling|elasticfilesystem)\.(?!Describe|Get)/;
const projectRoot = resolve(import.meta.dirname, "../..");

interface Parts {
  readonly emulator: RunningEmulator;
  readonly gateway: RunningGateway;
  readonly hosts: Hosts;
  readonly lan: RunningLan;
}

/**
 * Before what the nodes do: AWS does not run on their processors. Where 64 of them boot on two cores, the account would take longer for an
 * answer than its clients wait, and each would ask again.
 */
const PRIORITY = -10;

/** What this process starts has it too, but for the nodes. A machine that does not allow it, as a container may not, is only slower. */
function goFirst(): void {
  try {
    setPriority(PRIORITY);
  } catch (error) {
    console.log(`The account has no priority before the nodes: ${(error as Error).message}`);
  }
}

/** The agent's layer as a baked image has it: with the agent's code, compiled by the Node.js of `image`. */
async function writeAgent(folder: string, image: string): Promise<void> {
  await writeAgentLayer(projectRoot, folder);
  const library = "usr/lib/muster";
  const compile = join(projectRoot, RECIPE_FOLDER, "builder/compile-agent.sh");
  await runCommand([compile, join(folder, library), join(image, library, "node")], { timeoutSeconds: 60 });
}

/** Calls `onChange` for each request that may change which nodes there should be. */
async function start(
  cloud: CloudPlaces,
  { region, sizes }: { region: string; sizes: Sizes },
  onChange: () => void,
): Promise<Parts> {
  const image = describeImage(projectRoot);
  const imagesFile = join(cloud.folder, "images.json");
  writeFileSync(imagesFile, renderImages(image.key));
  const images = openImages(cloud);
  const hosts = createHosts({
    cloud,
    images,
    nodeScripts: join(projectRoot, "scripts/local/hosts/node"),
    writeAgent: (folder) => writeAgent(folder, cloud.image),
    squashfs: image.squashfs,
    sizes,
  });
  const [emulator] = await Promise.all([
    startEmulator({ logFile: join(cloud.folder, "emulator.log"), imagesFile }),
    hosts.prepare(),
  ]);
  const requests = createWriteStream(join(cloud.folder, "gateway.log"), { flags: "a" });
  const gatewaySocket = join(cloud.folder, "gateway.sock");
  const gateway = await startGateway({
    emulatorPort: emulator.port,
    socketPath: gatewaySocket,
    images,
    consoleLogPath: (instanceId) => join(cloud.nodes, instanceId, "console.log"),
    log: (record) => {
      requests.write(renderRequest(record, new Date()));
      if (CHANGES_NODES.test(`${record.operation.service}.${record.operation.action}`)) onChange();
    },
  });
  const logFile = join(cloud.folder, "lan.log");
  const proxySocket = join(cloud.folder, "proxy.sock");
  rmSync(proxySocket, { force: true });
  createProxy().listen(proxySocket).unref();
  const lan = await startLan({
    cloud,
    projectFolder: projectRoot,
    gatewaySocket,
    proxySocket,
    region,
    logFile,
  });
  writeState(cloud, {
    ...(identifyProcess(process.pid) ?? { pid: process.pid, startTicks: "0" }),
    name: cloud.name,
    region,
    endpointUrl: gateway.url,
    gatewaySocket,
    emulatorPort: emulator.port,
    netns: cloud.netns,
    efsRoot: cloud.efs,
    imageId: imageIdOf(image.key),
    startedAt: new Date().toISOString(),
  });
  return { emulator, gateway, hosts, lan };
}

/** What instances boot. The plain root is built when the first instance boots it. */
const openImages = (cloud: CloudPlaces): HostImages =>
  createHostImages({
    cloud,
    plainId: BASE_IMAGE_ID,
    preparePlain: async () => {
      const squashfs = await buildPlainRoot(projectRoot, console.log);
      writePlainLayer(cloud.plainLayer, {
        nodeScripts: join(projectRoot, "scripts/local/hosts/node"),
        recipeFiles: join(projectRoot, RECIPE_FOLDER, "files"),
        settings: await readHostSettings(),
      });
      return squashfs;
    },
  });

const megabytes = (name: keyof Sizes, value: string | undefined): Sizes =>
  value === undefined ? {} : { [name]: Number(value) };

async function run(): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { name: text, region: text, "disk-mb": text, "files-mb": text } });
  if (!values.name || !values.region) {
    throw new Error("Usage: daemon.ts --name NAME --region REGION [--disk-mb N] [--files-mb N]");
  }
  const sizes = { ...megabytes("diskMb", values["disk-mb"]), ...megabytes("filesMb", values["files-mb"]) };
  const cloud = cloudPlaces(values.name);
  mkdirSync(cloud.folder, { recursive: true });
  goFirst();
  const ending = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => ending.abort());
  const nap = createNap(systemClock);
  ending.signal.addEventListener("abort", nap.wake);
  const { emulator, gateway, hosts, lan } = await start(cloud, { region: values.region, sizes }, nap.wake);
  const died = (part: string) => (): void => {
    if (ending.signal.aborted) return;
    console.error(`${part} ended by itself, so the cloud stops.`);
    process.exitCode = 1;
    ending.abort();
  };
  emulator.ended.then(died("The emulator"));
  lan.ended.then(died("The LAN's services"));
  // Bypasses the gateway: its faults and its log are for the programs under test.
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = { endpoint: emulator.url, region: values.region, credentials };
  const ec2 = new EC2Client(client);
  const observer = createObserver({ ec2, efs: new EFSClient(client) });
  const reconcile = createReconciler({ cloud, hosts, observer, onPowerOff: endInstances(ec2) });
  let reported = "";
  while (!ending.signal.aborted) {
    const news = await reconcile();
    if (news !== reported && news !== "") console.log(`${new Date().toISOString()} ${news}`);
    reported = news;
    // A change during a look ends the following pause at once.
    await nap.pause(RECONCILE_EVERY_MS);
  }
  await Promise.all([lan.stop(), gateway.stop(), emulator.stop()]);
}

run().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
