import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../agent/contract/clock.js";
import type { AnyProvider } from "../core/provider.js";
import { handshakeLine, readStart } from "./handshake.js";
import { jsonLog } from "./log.js";
import { serve } from "./serve.js";
import { PluginSession } from "./session.js";

const clock: Clock = {
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** The whole life of a provider's process: starts as Terraform expects, serves, and exits. */
export function runProvider<Client>(provider: AnyProvider<Client>, version: string): void {
  start(provider, version).catch((error: unknown) => {
    process.stdout.write(`terraform-provider-muster could not start: ${String(error)}\n`);
    process.exit(1);
  });
}

async function start<Client>(provider: AnyProvider<Client>, version: string): Promise<void> {
  // A killed Terraform does not read any more, and a failed write must not end calls in progress.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const asked = readStart(process.env);
  if (asked.kind === "refuse") {
    // On stdout, because Terraform shows only this stream of a failed start.
    process.stdout.write(`${asked.message}\n`);
    process.exit(1);
  }
  const log = jsonLog((line) => process.stderr.write(line), clock.now);
  keepStdoutForTheHandshake(log.debug);
  // A Ctrl-C reaches the whole process group; Terraform decides what it means and calls StopProvider.
  process.on("SIGINT", () => log.info("SIGINT: left to Terraform"));
  process.on("SIGTERM", () => process.exit(0));
  const session = new PluginSession(provider, { log, clock });
  const { socketPath, certificateDer } = await serve(session, {
    clientCertificatePem: asked.clientCertificatePem,
    onEnd: () => process.exit(0),
  });
  log.debug("serving", { version, pid: process.pid, node: process.version });
  process.stdout.write(`${handshakeLine(socketPath, certificateDer)}\n`);
}

/** Terraform must not take a library's output for the handshake. */
function keepStdoutForTheHandshake(write: (message: string) => void): void {
  const redirect = (...parts: readonly unknown[]): void => write(parts.map(String).join(" "));
  Object.assign(console, { log: redirect, info: redirect, debug: redirect, warn: redirect, error: redirect });
}
