import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../agent/contract/clock.js";
import type { AnyProvider } from "../core/provider.js";
import type { Runtime } from "../core/runtime.js";
import type { Answer } from "./grpc/server.js";
import { handshakeLine, readStart } from "./handshake.js";
import { jsonLog } from "./log.js";
import { serve } from "./serve.js";

/** One line goes there, at once: Node.js's stream for it takes a millisecond to make. */
const STDOUT = 1;

const clock: Clock = {
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** What a provider's process runs. Each part is loaded when Terraform first needs it: the handshake needs none of them. */
export interface Program<Client> {
  readonly version: string;
  /** The answers to GetMetadata and GetProviderSchema, which need nothing of the provider once they are made. */
  prepared(): Promise<Readonly<Record<string, Uint8Array>>>;
  provider(): Promise<AnyProvider<Client>>;
}

/** The whole life of a provider's process: starts as Terraform expects, serves, and exits. */
export function runProvider<Client>(program: Program<Client>): void {
  start(program).catch((error: unknown) => {
    writeSync(STDOUT, `terraform-provider-muster could not start: ${String(error)}\n`);
    process.exit(1);
  });
}

async function start<Client>(program: Program<Client>): Promise<void> {
  const asked = readStart(process.env);
  if (asked.kind === "refuse") {
    // On stdout, because Terraform shows only this stream of a failed start.
    writeSync(STDOUT, `${asked.message}\n`);
    process.exit(1);
  }
  const log = jsonLog(writeToStderr(), clock.now);
  keepStdoutForTheHandshake(log.debug);
  // A Ctrl-C reaches the whole process group; Terraform decides what it means and calls StopProvider.
  process.on("SIGINT", () => log.info("SIGINT: left to Terraform"));
  process.on("SIGTERM", () => process.exit(0));
  const { socketPath, certificateDer } = await serve(answersOf(program, { log, clock }), {
    clientCertificatePem: asked.clientCertificatePem,
    onEnd: () => process.exit(0),
  });
  writeSync(STDOUT, `${handshakeLine(socketPath, certificateDer)}\n`);
  log.debug("serving", { version: program.version, pid: process.pid, node: process.version });
}

/** A killed Terraform does not read any more, and a failed write must not end calls in progress. */
function writeToStderr(): (line: string) => void {
  let stream: NodeJS.WriteStream | undefined;
  return (line) => {
    stream ??= process.stderr.on("error", () => undefined);
    stream.write(line);
  };
}

/** An empty request for what is prepared loads nothing else: a start that only reads the schema stays short. */
function answersOf<Client>(program: Program<Client>, services: Omit<Runtime, "signal">): Answer {
  let calls: Promise<Answer> | undefined;
  const open = async (): Promise<Answer> => {
    const [{ providerCallsOf }, { PluginSession }] = await Promise.all([
      import("./calls.js"),
      import("./session.js"),
    ]);
    return providerCallsOf(new PluginSession(await program.provider(), services));
  };
  return async (name, request) => {
    const prepared = PREPARED.has(name) && request.length === 0 ? await program.prepared() : {};
    const answer = prepared[name];
    if (answer !== undefined) return answer;
    calls ??= open();
    return (await calls)(name, request);
  };
}

const PREPARED: ReadonlySet<string> = new Set(["GetMetadata", "GetProviderSchema"]);

/** Terraform must not take a library's output for the handshake. */
function keepStdoutForTheHandshake(write: (message: string) => void): void {
  const redirect = (...parts: readonly unknown[]): void => write(parts.map(String).join(" "));
  Object.assign(console, { log: redirect, info: redirect, debug: redirect, warn: redirect, error: redirect });
}
