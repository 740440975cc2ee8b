import type { Agent } from "./agent.js";
import { AgentError, reasonOf } from "./errors.js";
import { createLogBuffer } from "./logs/own-log.js";
import { AGENT_VERSION } from "./node/version.js";
import { start } from "./start.js";
import { settleEngine } from "./system/engine.js";
import { createLog } from "./system/log.js";
import { putSessionFirst } from "./system/priority.js";

/** systemd kills the agent after TimeoutStopSec (15 s); the agent exits before that. */
const CLOSE_TIMEOUT_MS = 10_000;

const ownLog = createLogBuffer();
const log = createLog(AGENT_VERSION, ownLog);

/** Logs why the agent ends, with the next step, and exits non-zero: systemd restarts it. */
function fail(error: unknown): never {
  // muster_fleet reads this line on the node's console, and learns from the cause whether waiting can help.
  if (error instanceof AgentError) {
    const cause = error.cause instanceof Error ? { cause: error.cause.name } : {};
    log.fatal({ code: error.code, hint: error.hint, ...cause }, error.message);
  } else log.fatal({ err: error }, reasonOf(error));
  process.exit(1);
}

function endOn(signal: NodeJS.Signals, agent: Agent): void {
  process.once(signal, () => {
    log.info({ signal }, "ending");
    setTimeout(() => fail(new Error(`the end took longer than ${CLOSE_TIMEOUT_MS} ms`)), CLOSE_TIMEOUT_MS);
    agent.close().then(() => process.exit(0), fail);
  });
}

/** Call once: agent/load.ts does. */
export function run(): void {
  process.on("uncaughtException", fail);
  putSessionFirst().catch((error: unknown) => {
    log.warn({ reason: reasonOf(error) }, "a job with many processes may slow the agent down");
  });
  start(log, ownLog).then((agent) => {
    settleEngine();
    endOn("SIGTERM", agent);
    endOn("SIGINT", agent);
  }, fail);
}
