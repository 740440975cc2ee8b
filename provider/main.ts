import { setTimeout as sleep } from "node:timers/promises";
import type { AnyProvider } from "./core/provider.js";
import type { Clock } from "./core/runtime.js";
import { musterProvider } from "./provider.js";
import type { MusterClient } from "./resources/ports.js";
import { VERSION } from "./version.js";
import { handshakeLine, readStart } from "./wire/handshake.js";
import { jsonLog } from "./wire/log.js";
import { serve } from "./wire/serve.js";
import { Session } from "./wire/session.js";

const LINGER_MS = 5000;

const clock: Clock = {
  monotonicMs: () => performance.now(),
  now: () => new Date(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

async function main(): Promise<void> {
  const start = readStart(process.env);
  if (start.kind === "refuse") {
    // stdout, because that is the only stream of a failed start that Terraform shows.
    process.stdout.write(`${start.message}\n`);
    process.exit(1);
  }
  const log = jsonLog((line) => process.stderr.write(line), clock.now);
  keepStdoutForTheHandshake(log.debug);
  // A Ctrl-C reaches the whole process group; Terraform decides what it means and calls StopProvider.
  process.on("SIGINT", () => log.info("SIGINT: left to Terraform"));
  process.on("SIGTERM", () => process.exit(0));
  const session = new Session(musterProvider(process.env) as AnyProvider<MusterClient>, { log, clock });
  const { socketPath, certificateDer } = await serve(session, {
    clientCertificatePem: start.clientCertificatePem,
    onEnd: () => process.exit(0),
    lingerMs: LINGER_MS,
  });
  log.debug("serving", { version: VERSION, pid: process.pid, node: process.version });
  process.stdout.write(`${handshakeLine(socketPath, certificateDer)}\n`);
}

/** A library that prints must not be taken for the handshake. */
function keepStdoutForTheHandshake(write: (message: string) => void): void {
  const redirect = (...parts: readonly unknown[]): void => write(parts.map(String).join(" "));
  Object.assign(console, { log: redirect, info: redirect, debug: redirect, warn: redirect, error: redirect });
}

main().catch((error: unknown) => {
  process.stdout.write(`terraform-provider-muster could not start: ${String(error)}\n`);
  process.exit(1);
});
