import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { localRoot } from "../../system/paths.js";
import { type CloudPlaces, cloudPlaces } from "../hosts/cloud.js";
import { initPid, nodePlaces } from "../hosts/system/node.js";
import { readRunning } from "../state.js";

// `aws ssm start-session` for a port of an instance in a local cloud: it listens on this machine, and connects as Session Manager's agent
// does, from inside the instance to its loopback. What the AWS CLI prints of it is printed, and nothing else of the AWS CLI is here.

const SESSION = "local";
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

/** A connection from inside the instance: a program there holds it, for this process has another network. */
function connectInside(pid: number, port: string, outer: Socket): void {
  const inside = ["nsenter", "--target", String(pid), "--net", "--", "nc", "-N", "127.0.0.1", port];
  const [program = "", ...args] = inside;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
  outer.pipe(child.stdin);
  child.stdout.pipe(outer);
  child.stdin.on("error", () => undefined);
  outer.on("error", () => undefined);
  outer.on("close", () => child.kill());
  child.on("error", () => outer.destroy());
  child.on("exit", () => outer.destroySoon());
}

function main(words: readonly string[]): void {
  const [, instanceId = "", port = "", localPort] = CALL.exec(words.join(" ")) ?? [];
  if (localPort === undefined) throw new Error(`the local cloud has no \`aws ${words.join(" ")}\``);
  const cloud = runningCloud();
  const places = nodePlaces(cloud, instanceId);
  if (initPid(places) === null)
    throw new Error(`An error occurred (TargetNotConnected): ${instanceId} is not connected.`);
  const server = createServer((outer) => {
    // Asked anew: the instance may have been started again meanwhile.
    const pid = initPid(places);
    if (pid === null) outer.destroy();
    else connectInside(pid, port, outer);
  });
  server.listen(Number(localPort), "127.0.0.1", () => {
    console.log(`\nStarting session with SessionId: ${SESSION}`);
    console.log(`Port ${(server.address() as AddressInfo).port} opened for sessionId ${SESSION}.`);
    console.log("Waiting for connections...");
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 255;
}
