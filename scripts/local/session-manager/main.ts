import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { localRoot } from "../../system/paths.js";
import { type CloudPlaces, cloudPlaces } from "../hosts/cloud.js";
import { initPid, nodePlaces } from "../hosts/system/node.js";
import { readRunning } from "../state.js";

// `aws ssm start-session` for a port of an instance in a local cloud: it listens on this machine, and connects as Session Manager's agent
// does, from inside the instance to its loopback. What the AWS CLI prints of it is printed, and nothing else of the AWS CLI is here.

const SESSION = "local";
const LOOK_MS = 1_000;
const CALL = new RegExp(
  "^ssm start-session --target (i-[0-9a-f]+) --region [a-z0-9-]+ --document-name AWS-StartPortForwardingSession " +
    "--parameters portNumber=(\\d{1,5}),localPortNumber=(\\d{1,5})$",
);

function runningCloud(): CloudPlaces {
  const endpoint = process.env["AWS_ENDPOINT_URL"];
  const names = readdirSync(join(localRoot(), "clouds"));
  const name = names.find((one) => readRunning(one)?.endpointUrl === endpoint);
  if (name === undefined) throw new Error(`no local cloud runs at AWS_ENDPOINT_URL, which is "${endpoint}"`);
  return cloudPlaces(name);
}

/** A program inside the instance, which takes the server's connections from here on: this process has another network. */
function startInside(pid: number, port: string, server: Server): ChildProcess {
  const program = ["--import", import.meta.resolve("tsx"), join(import.meta.dirname, "inside/main.ts")];
  const inside = ["--target", String(pid), "--net", "--", process.execPath, ...program];
  const child = spawn("nsenter", inside, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.send(port, server, () => server.close());
  return child;
}

function main(words: readonly string[]): void {
  const [, instanceId = "", port = "", localPort] = CALL.exec(words.join(" ")) ?? [];
  if (localPort === undefined) throw new Error(`the local cloud has no \`aws ${words.join(" ")}\``);
  const places = nodePlaces(runningCloud(), instanceId);
  const pid = initPid(places);
  if (pid === null)
    throw new Error(`An error occurred (TargetNotConnected): ${instanceId} is not connected.`);
  const server = createServer();
  server.listen(Number(localPort), "127.0.0.1", () => {
    const { port: opened } = server.address() as AddressInfo;
    const child = startInside(pid, port, server);
    child.once("exit", (code) => process.exit(code ?? 1));
    child.once("message", () => {
      console.log(`\nStarting session with SessionId: ${SESSION}`);
      console.log(`Port ${opened} opened for sessionId ${SESSION}.`);
      console.log("Waiting for connections...");
    });
  });
  // A session ends with its instance.
  setInterval(() => initPid(places) === pid || process.exit(1), LOOK_MS);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 255;
}
